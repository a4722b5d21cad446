"""The process outlives any number of Qt calls."""

from __future__ import annotations

import os
import subprocess
import sys

#: on Python 3.11 None has some ten thousand references in a process that has imported Qt
PROGRAM = """
import reviewapp
from PySide6.QtCore import QObject
thing = QObject()
for _ in range(200_000):
    thing.setObjectName("name")
print("alive")
"""


def test_many_qt_calls_do_not_use_up_none() -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert (result.returncode, result.stdout) == (0, "alive\n"), result.stderr
