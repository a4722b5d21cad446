"""Large files are decoded one at a time, so that an import needs the memory of one, not of several.

A file of a few hundred kilobytes can unpack to hundreds of megabytes. Whoever reads a header calls
`await_turn` before decoding; whoever runs decoders in threads gives each file its `own_turn`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

#: files that take less than this when they are decoded do not wait for others
LARGE_BYTES = 64 * 2**20

_turn = threading.Lock()
_thread = threading.local()


@contextlib.contextmanager
def own_turn() -> Iterator[None]:
    """The span in which this thread decodes one file; its turn, if it took one, ends with it."""
    _thread.takes_turns, _thread.has_turn = True, False
    try:
        yield
    finally:
        _thread.takes_turns = False
        if _thread.has_turn:
            _thread.has_turn = False
            _turn.release()


def await_turn(decoded_bytes: int) -> None:
    """Wait until no other thread decodes a large file, where this one is; see `own_turn`."""
    takes_turns = getattr(_thread, "takes_turns", False)
    if takes_turns and decoded_bytes >= LARGE_BYTES and not _thread.has_turn:
        _turn.acquire()
        _thread.has_turn = True
