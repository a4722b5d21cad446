"""Time from the start of the process to a window that answers keys, with a workspace open.

    python benchmarks/startup.py [WORKSPACE] [--repeats 7]

Without WORKSPACE the demo's is used (made first if need be). Each repeat is a fresh process; the
first, with cold file caches, is printed apart. Target: median ≤ 1.0 s, torch not imported before.
"""

from __future__ import annotations

import argparse
import compileall
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

TARGET_S = 1.0

#: the app itself, plus a key press that is posted once the first page is up
CHILD = """
import sys, time
from pathlib import Path
from reviewapp.app import make_application, make_window
from reviewapp.preloading import preload
preload()
application = make_application()
window = make_window(Path(sys.argv[2]))

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

class FirstKey(QObject):
    def eventFilter(self, receiver, event):
        if event.type() == QEvent.Type.KeyPress:
            elapsed = time.time() - float(sys.argv[1])
            print(f"{elapsed:.4f} {'torch' in sys.modules}")
            application.removeEventFilter(self)
            QTimer.singleShot(0, window.close)
        return False

first_key = FirstKey()
application.installEventFilter(first_key)

def press(_folder):
    press_key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier)
    QTimer.singleShot(0, lambda: QApplication.postEvent(window, press_key))

window.workspace_opened.connect(press)
sys.exit(application.exec())
"""


def measure(workspace: Path) -> tuple[float, bool]:
    """Seconds to the handled key press, and whether torch was loaded by then."""
    result = subprocess.run(
        [sys.executable, "-c", CHILD, str(time.time()), str(workspace)],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0 or not result.stdout.strip():
        raise SystemExit(f"The app did not come up:\n{result.stderr}")
    seconds, torch_loaded = result.stdout.split()[-2:]
    return float(seconds), torch_loaded == "True"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workspace", nargs="?", type=Path)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    workspace = options.workspace
    if workspace is None:
        from engine.progress import ignore_progress, never_cancelled
        from reviewapp.demo.workspace import demo_workspace_folder, prepare_demo

        workspace = prepare_demo(demo_workspace_folder(), ignore_progress, never_cancelled)
    # As an installer leaves them: compiled, whatever this environment says of writing byte code.
    root = Path(__file__).parents[1]
    for package in ("reviewapp", "engine"):
        compileall.compile_dir(root / package, quiet=1)
    measured = [measure(workspace) for _ in range(options.repeats + 1)]
    first, *rest = [seconds for seconds, _ in measured]
    median = statistics.median(rest)
    platform = os.environ.get("QT_QPA_PLATFORM", "real display")
    print(f"window usable after start ({platform}, {options.repeats} processes)")
    print(f"  first {first:.2f} s, median {median:.2f} s, slowest {max(rest):.2f} s")
    print(f"  torch imported before: {any(loaded for _, loaded in measured)}")
    print(f"  target {TARGET_S:.1f} s: {'met' if median <= TARGET_S else 'MISSED'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
