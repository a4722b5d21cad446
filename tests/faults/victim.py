"""The process that is killed: runs one of `operations` at a time, and ends where it is told to.

Run as ``python -m tests.faults.victim``. Each line of its input asks for one operation as JSON;
what the operation tells, and how it ended, comes out as lines of JSON. Where the system can fork,
every operation has a process of its own that has all libraries loaded already; elsewhere this
process runs one operation and is started anew.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

CAN_FORK = hasattr(os, "fork")
#: what changes a folder, as Python's own audit events tell it just before
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


_is_serving = False


class Points:
    """Counts the moments at which files or the database change, and dies at the chosen one."""

    def __init__(self, kill_at: int | None) -> None:
        self.count = 0
        self._kill_at = kill_at
        self._lock = threading.Lock()

    def install(self) -> None:
        """Count from now on: changes of folders, opening for writing, fsync and commits."""
        from sqlalchemy.engine.default import DefaultDialect

        sys.addaudithook(self._audit)
        os.fsync = self._between(os.fsync)
        DefaultDialect.do_commit = self._between(DefaultDialect.do_commit)  # type: ignore[method-assign]

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CHANGES or (event == "open" and _is_written(*arguments[1:3])):
            self._pass()

    def _between(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            self._pass()
            result = call(*arguments)
            self._pass()
            return result

        return counted

    def _pass(self) -> None:
        with self._lock:
            self.count += 1
            if self.count == self._kill_at:
                kill(os.getpid())


def _is_written(mode: str | None, flags: int | None) -> bool:
    return bool(mode and set(mode) & set("wxa+")) or bool((flags or 0) & _WRITING)


def kill(pid: int) -> None:
    """End a process at once, without a chance to tidy up (SIGKILL, or Windows's equivalent)."""
    os.kill(pid, 9)


def tell(**fields: Any) -> None:
    """One line of output in one write, so that a death never leaves half of one.

    Says nothing where an operation is not run by this process's `main`.
    """
    if _is_serving:
        os.write(1, json.dumps(fields).encode() + b"\n")


def _perform(request: dict[str, Any]) -> None:
    from tests.faults import operations

    points = Points(request["kill_at"])
    points.install()
    began = time.perf_counter()
    getattr(operations, request["operation"])(**request["arguments"])
    tell(event="done", seconds=time.perf_counter() - began, points=points.count)


def _exit_after(request: dict[str, Any]) -> NoReturn:
    try:
        _perform(request)
    except BaseException as error:
        tell(event="failed", error=f"{type(error).__name__}: {error}")
        raise
    finally:
        sys.stderr.flush()
        # A forked child must not run what its parent has registered for its own end.
        os._exit(0)


def _fork(request: dict[str, Any]) -> None:
    child = os.fork()
    if child == 0:
        _exit_after(request)
    if request["kill_after_s"] is not None:
        deadline = time.monotonic() + request["kill_after_s"]
        while time.monotonic() < deadline:
            # Not waited for yet, a child that ended keeps its number.
            if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                break
            time.sleep(0.0002)
        kill(child)
    os.waitpid(child, 0)
    tell(event="ended")


def main() -> None:
    """Serve requests until the input ends."""
    global _is_serving
    from tests.faults import operations

    _is_serving = True
    operations.load_libraries()
    tell(event="ready")
    for line in sys.stdin:
        request = json.loads(line)
        if request["fork"]:
            _fork(request)
            continue
        if request["kill_after_s"] is not None:
            timer = threading.Timer(request["kill_after_s"], kill, (os.getpid(),))
            timer.daemon = True
            timer.start()
        _exit_after(request)


if __name__ == "__main__":
    # The operations import this module under its full name.
    from tests.faults import victim

    victim.main()
