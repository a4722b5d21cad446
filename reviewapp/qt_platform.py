"""Whether Qt can show a window here, found out before Qt is loaded.

Qt ends the process when its platform plugin cannot start, so that neither case can be caught
afterwards: a missing system library, and a display that is not there. Imports no Qt.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

#: Debian and Ubuntu package by the library that Qt 6 loads
_DEBIAN_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
#: what every Qt program needs, and what the X11 platform plugin needs on top
_GUI_LIBRARIES = ("lib/libQt6Gui.so.6", "lib/libQt6Widgets.so.6", "lib/libQt6Svg.so.6")
_X11_LIBRARIES = ("plugins/platforms/libqxcb.so", "lib/libQt6XcbQpa.so.6")


def has_display(environment: Mapping[str, str] | None = None) -> bool:
    """Whether a window can be shown: True on Windows and macOS, else X11 or Wayland answers.

    ``QT_QPA_PLATFORM=offscreen`` (or minimal, vnc …) counts as a wish for no window.
    """
    environment = os.environ if environment is None else environment
    platform = environment.get("QT_QPA_PLATFORM", "")
    if platform.split(":")[0] in {"offscreen", "minimal", "vnc"}:
        return False
    if not sys.platform.startswith("linux"):
        return True
    if environment.get("WAYLAND_DISPLAY"):
        return True
    return _x11_answers(environment.get("DISPLAY", ""))


def _x11_answers(display: str) -> bool:
    if not display:
        return False
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        # The library's absence is reported by name; a set DISPLAY is then the best evidence.
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    answers = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return answers


def missing_libraries(*, window: bool) -> list[str]:
    """Names of the system libraries that Qt needs and the machine lacks (Linux; else empty).

    ``window`` says whether a real window will be shown, which needs more than offscreen drawing.
    """
    if not sys.platform.startswith("linux"):
        return []
    package = importlib.util.find_spec("PySide6")
    if package is None or not package.submodule_search_locations:
        return []
    qt = Path(next(iter(package.submodule_search_locations))) / "Qt"
    wanted = _GUI_LIBRARIES + (_X11_LIBRARIES if window and not _on_wayland() else ())
    return sorted({name for part in wanted for name in _unresolved(qt / part)})


def _on_wayland() -> bool:
    return bool(os.environ.get("WAYLAND_DISPLAY")) and not os.environ.get("DISPLAY")


def _unresolved(library: Path) -> list[str]:
    if not library.exists():
        return []
    ldd = shutil.which("ldd")
    if ldd is None:
        return _unresolved_by_loading(library)
    listing = subprocess.run([ldd, str(library)], capture_output=True, text=True, check=False)
    return re.findall(r"^\s*(\S+) => not found", listing.stdout, flags=re.MULTILINE)


def _unresolved_by_loading(library: Path) -> list[str]:
    """The first library that the dynamic loader misses (systems without ``ldd``)."""
    try:
        ctypes.CDLL(str(library))
    except OSError as error:
        missing = re.match(r"(\S+?): cannot open shared object file", str(error))
        return [missing.group(1)] if missing else []
    return []


def explain_missing(libraries: list[str]) -> str:
    """What is missing and the command that installs it, for a terminal."""
    lines = ["Qt cannot start: system libraries are missing:"]
    lines += [f"  {name}" for name in libraries]
    packages = sorted({_DEBIAN_PACKAGES[name] for name in libraries if name in _DEBIAN_PACKAGES})
    if packages:
        lines += ["Install them (Debian, Ubuntu) and start again:"]
        lines += [f"  sudo apt-get install {' '.join(packages)}"]
    others = [name for name in libraries if name not in _DEBIAN_PACKAGES]
    if others or not packages:
        lines += ["Find the package of the others with your system's package search:"]
        lines += [f"  {name}" for name in others]
    elif shutil.which("dnf"):
        capabilities = " ".join(f"'{name}()(64bit)'" for name in libraries)
        lines += ["On Fedora and Red Hat:", f"  sudo dnf install {capabilities}"]
    return "\n".join(lines)
