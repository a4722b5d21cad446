"""Damages good files of every kind that the programs read, for as long as asked.

    python benchmarks/fuzz.py [--seconds 20] [--seed 1] [--only NAME]

Each kind gets ``--seconds``. A finding is whatever but the readers' own errors comes out, or a file
that appears outside the reader's folder; it is printed with the seed that makes it again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.hostile.readers import OWN_ERRORS, TARGETS, Target

_ROUND = 50


def attack(target: Target, number: int, outcomes: Counter[str]) -> None:
    """Read as many damaged files as a round has, made from the seed ``number``."""

    @seed(number)
    @given(st.data())
    @settings(
        max_examples=_ROUND,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def damage(data: st.DataObject) -> None:
        content = data.draw(target.damage(target.good))
        with tempfile.TemporaryDirectory() as outer:
            folder = Path(outer) / "inside"
            folder.mkdir()
            try:
                target.read(content, folder)
            except OWN_ERRORS:
                outcomes["refused"] += 1
            else:
                outcomes["read"] += 1
            if [path.name for path in Path(outer).iterdir()] != ["inside"]:
                raise AssertionError("a file was written outside")

    damage()


def main() -> int:
    """Attack every kind; exit code 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    n_found = 0
    for name, target in TARGETS.items():
        if options.only not in name:
            continue
        outcomes: Counter[str] = Counter()
        until = time.monotonic() + options.seconds
        number = options.seed
        while time.monotonic() < until:
            try:
                attack(target, number, outcomes)
            except Exception as error:
                n_found += 1
                print(f"{name}, seed {number}: {type(error).__name__}: {error}"[:400], flush=True)
            number += 1
        print(f"{name}: {outcomes['refused']} refused, {outcomes['read']} read", flush=True)
    print(f"{n_found} findings")
    return 1 if n_found else 0


if __name__ == "__main__":
    raise SystemExit(main())
