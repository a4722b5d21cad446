"""Keeps None, True and False alive under Qt bindings that were compiled for a later Python."""

from __future__ import annotations

import ctypes
import sys

#: a year of a thousand lost references a second, and far from an overflow
RESERVE = 1 << 40


def reserve_references() -> None:
    """Give the singletons more references than can be lost.

    From Python 3.12 on they are never freed and not counted (PEP 683). PySide6 6.12 is compiled for
    that: each Qt call that returns nothing gives back a reference to None that it never took, so
    that on Python 3.11 the process aborts ("none_dealloc") after some thousand calls. Does nothing
    where Python keeps them itself. Call once, before Qt is used.
    """
    if sys.implementation.name != "cpython" or sys.version_info >= (3, 12):
        return
    # The count is the first of the two words that end every object's header.
    offset = object.__basicsize__ - 2 * ctypes.sizeof(ctypes.c_ssize_t)
    for singleton in (None, True, False):
        ctypes.c_ssize_t.from_address(id(singleton) + offset).value += RESERVE
