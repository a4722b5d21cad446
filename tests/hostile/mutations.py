"""Real files, damaged the way a fuzzer or somebody with an editor would."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

#: numbers at which sizes, offsets and counts go wrong
_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1)
HOSTILE_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 10**30, 1e308, float("nan"), float("inf"), "", "\x00",
    "x" * 5000, "../../etc/passwd", "/dev/zero", "C:\\Windows\\x", "=cmd|' /C calc'!A0",
    "<img src='file:///x'>", "$\\frac$", "\ud800", "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+14:00", [], {}, [[[[]]]], {"a": {"a": {}}}, ["x"] * 50,
    "²", "٣", "9" * 5000,
)  # fmt: skip


@st.composite
def _damaged_once(draw: st.DrawFn, content: bytes) -> bytes:
    if not content:
        return draw(st.binary(max_size=64))
    # Headers are where a file says how long the rest is.
    near = min(len(content), 600)
    at = draw(st.integers(0, near - 1) | st.integers(0, len(content) - 1))
    match draw(st.sampled_from(("flip", "number", "cut", "splice", "insert", "swap"))):
        case "flip":
            flipped = content[at] ^ draw(st.integers(1, 255))
            return content[:at] + bytes([flipped]) + content[at + 1 :]
        case "number":
            width = draw(st.sampled_from((1, 2, 4, 8)))
            order = draw(st.sampled_from(("little", "big")))
            number = draw(st.sampled_from(_EDGES)) & (256**width - 1)
            return content[:at] + number.to_bytes(width, order) + content[at + width :]
        case "cut":
            return content[: draw(st.integers(0, len(content)))]
        case "splice":
            end = draw(st.integers(at, min(len(content), at + 400)))
            return content[:at] + content[end:]
        case "insert":
            extra = draw(st.binary(min_size=1, max_size=40))
            return content[:at] + extra * draw(st.sampled_from((1, 3, 200))) + content[at:]
        case _:
            source = draw(st.integers(0, len(content) - 1))
            piece = content[source : source + draw(st.integers(1, 64))]
            return content[:at] + piece + content[at + len(piece) :]


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """``content`` after one to four kinds of damage."""
    for _ in range(draw(st.integers(1, 4))):
        content = draw(_damaged_once(content))
    return content


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key in value:
            found += _places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(min(len(value), 3)):
            found += _places(value[index], (*path, index))
    return found


@st.composite
def altered(draw: st.DrawFn, values: Any) -> Any:
    """JSON ``values`` with one to three of them replaced, removed, doubled or added to."""
    values = json.loads(json.dumps(values))
    for _ in range(draw(st.integers(1, 3))):
        places = _places(values)
        if not places:
            break
        *parents, last = draw(st.sampled_from(places))
        holder = values
        for key in parents:
            holder = holder[key]
        match draw(st.sampled_from(("replace", "replace", "replace", "remove", "add", "double"))):
            case "replace":
                # A copy: what is put in may be altered in its turn.
                holder[last] = copy.deepcopy(draw(st.sampled_from(HOSTILE_VALUES)))
            case "remove":
                del holder[last]
            case "add" if isinstance(holder, dict):
                holder[draw(st.sampled_from(("x", "__class__", "extra")))] = 1
            case _ if isinstance(holder, list):
                holder.append(holder[last])
    return values


def as_json(values: Any) -> bytes:
    """JSON as Python writes it, lone surrogates and NaN included."""
    return json.dumps(values).encode("ascii")


@st.composite
def damaged_json(draw: st.DrawFn, content: bytes) -> bytes:
    """A JSON file with other values, or with other bytes."""
    if draw(st.integers(0, 4)) == 0:
        return draw(damaged(content))
    return as_json(draw(altered(json.loads(content))))
