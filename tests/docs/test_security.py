"""docs/security.md: its numbers are the code's, and its tests are there."""

from __future__ import annotations

import importlib
import re

import pytest

from tests.docs.markdown import DOCS, REPOSITORY, tables

PAGE = DOCS / "security.md"
LIMITS = tables(PAGE)["Limits"]
_UNITS = {"": 1, "bytes": 1, "MiB": 2**20}


@pytest.mark.parametrize("row", LIMITS, ids=lambda row: row[2].strip("`"))
def test_a_limit_is_the_code_s(row: list[str]) -> None:
    number, _, unit = row[1].partition(" ")
    module, _, constant = row[2].strip("`").rpartition(".")
    assert getattr(importlib.import_module(module), constant) == (
        int(number.replace(",", "")) * _UNITS[unit]
    )


def test_every_named_test_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) == len(LIMITS) + len(tables(PAGE)["Refusals without a number"])
    for path, test in named:
        text = (REPOSITORY / path).read_text(encoding="utf-8")
        assert f"def {test}(" in text, f"{path} has no {test}"


def test_no_public_limit_is_left_out() -> None:
    """A limit whose name begins with ``MAX_``, where files from elsewhere are read."""
    stated = {row[2].strip("`") for row in LIMITS}
    read_here = [*(REPOSITORY / "engine" / "data").glob("*.py"), *_STUDY, *_ENGINE]
    for path in read_here:
        module = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        for name in re.findall(r"^(MAX_\w+) =", path.read_text(encoding="utf-8"), re.MULTILINE):
            limit = f"{module}.{name}"
            assert limit in stated or limit in _NO_LIMIT_OF_INPUT, limit


_STUDY = sorted((REPOSITORY / "reviewapp" / "study").glob("*.py"))
_ENGINE = sorted((REPOSITORY / "engine").glob("*.py"))
#: what an importer makes of a photograph, and how many images a phantom has
_NO_LIMIT_OF_INPUT = {"engine.data.fundus.MAX_ASPECT", "engine.data.phantom.MAX_COUNT"}
