"""What every workspace needs is there before it opens, and nothing slow with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys, threading
from reviewapp.preloading import preload
preload()
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join()
print("reviewapp.study.store" in sys.modules, "torch" in sys.modules, "PySide6" in sys.modules)
"""


def test_the_store_is_imported_in_a_thread_without_torch_and_qt() -> None:
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert result.stdout.split() == ["True", "False", "False"]
