"""Damages every kind of file that is read from elsewhere, for as long as asked, and counts.

    python benchmarks/fuzz.py --seconds 20 [--target NAME] [--seed 1]

A finding is an exception that is not the reader's own, a file written beside the folder, or a
reader that takes longer than ten seconds or 1 GiB more memory for a file of a few kilobytes. The
file that did it is kept in ``fuzz-findings``. Examples are drawn anew with every seed.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.hostile.readers import OWN_ERRORS, TARGETS, Target

_FINDINGS = Path("fuzz-findings")
_SLOW_S, _LARGE_MIB = 10.0, 1024


@dataclass
class Tally:
    """What became of a target's examples."""

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    growth_mib: float = 0.0


def fuzz(target: Target, seconds: float, first_seed: int) -> Tally:
    """Rounds of 200 examples until the time is over."""
    tally = Tally()
    process = psutil.Process()
    end = time.perf_counter() + seconds
    before = process.memory_info().rss

    def attempt(content: bytes) -> None:
        begun = time.perf_counter()
        with tempfile.TemporaryDirectory() as around:
            folder = Path(around) / "in"
            folder.mkdir()
            try:
                target.read(content, folder)
                tally.outcomes["read"] += 1
            except OWN_ERRORS:
                tally.outcomes["refused"] += 1
            except Exception as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                found(content, f"{type(error).__name__} in {Path(where.filename).name}")
            if [path.name for path in Path(around).iterdir()] != ["in"]:
                found(content, "wrote outside its folder")
        took = time.perf_counter() - begun
        tally.slowest_s = max(tally.slowest_s, took)
        grown = (process.memory_info().rss - before) / 2**20
        tally.growth_mib = max(tally.growth_mib, grown)
        if took > _SLOW_S:
            found(content, "slow")
        if grown > _LARGE_MIB:
            found(content, "large")

    def found(content: bytes, what: str) -> None:
        tally.findings[what] += 1
        _FINDINGS.mkdir(exist_ok=True)
        name = f"{target.name}-{what}-{hashlib.sha256(content).hexdigest()[:8]}".replace("/", "-")
        (_FINDINGS / name).write_bytes(content)

    number = first_seed
    while time.perf_counter() < end:

        @seed(number)
        @given(st.data())
        @settings(
            max_examples=200,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def round_of_examples(data: st.DataObject) -> None:
            content = data.draw(target.damage(target.good))
            if time.perf_counter() < end:
                attempt(content)

        round_of_examples()
        number += 1
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="for each target")
    parser.add_argument("--target", choices=list(TARGETS))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print("target | examples | read | refused | slowest (s) | memory grew by (MiB) | findings")
    for name in [options.target] if options.target else TARGETS:
        tally = fuzz(TARGETS[name], options.seconds, options.seed)
        outcomes = tally.outcomes
        print(
            f"{name} | {outcomes.total()} | {outcomes['read']} | {outcomes['refused']} | "
            f"{tally.slowest_s:.2f} | {tally.growth_mib:.0f} | {dict(tally.findings) or 'none'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
