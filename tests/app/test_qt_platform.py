"""What the app says before Qt can end the process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reviewapp import qt_platform

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is Linux's")


@LINUX
def test_no_display_without_display_variables() -> None:
    assert not qt_platform.has_display({})


@LINUX
def test_a_display_that_does_not_answer_is_none() -> None:
    assert not qt_platform.has_display({"DISPLAY": ":987"})


def test_an_offscreen_platform_is_a_wish_for_no_window() -> None:
    assert not qt_platform.has_display({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"})


@LINUX
def test_this_machine_has_what_offscreen_drawing_needs() -> None:
    assert qt_platform.missing_libraries(window=False) == []


@LINUX
@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs a C compiler to make a library")
def test_an_unresolved_library_is_found(tmp_path: Path) -> None:
    source = tmp_path / "empty.c"
    source.write_text("int answer(void) { return 42; }\n")
    build = ["gcc", "-shared", "-fPIC", str(source)]
    needed, user = tmp_path / "libnot-there-at-all.so.9", tmp_path / "libuser.so"
    subprocess.run([*build, f"-Wl,-soname,{needed.name}", "-o", str(needed)], check=True)
    subprocess.run([*build, "-Wl,--no-as-needed", str(needed), "-o", str(user)], check=True)
    needed.unlink()
    assert qt_platform._unresolved(user) == ["libnot-there-at-all.so.9"]
    assert qt_platform._unresolved_by_loading(user) == ["libnot-there-at-all.so.9"]


def test_missing_libraries_are_named_with_the_command_that_installs_them() -> None:
    text = qt_platform.explain_missing(["libEGL.so.1", "libxcb-cursor.so.0"])
    assert "libxcb-cursor.so.0" in text
    assert "sudo apt-get install libegl1 libxcb-cursor0" in text


def test_an_unknown_library_is_named_without_a_made_up_package() -> None:
    text = qt_platform.explain_missing(["libstrange.so.7"])
    assert "libstrange.so.7" in text
    assert "apt-get" not in text


def test_without_a_display_the_app_says_so_and_ends() -> None:
    environment = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    environment["QT_QPA_PLATFORM"] = "offscreen"
    result = subprocess.run(
        [sys.executable, "-m", "reviewapp"], env=environment, capture_output=True, text=True
    )
    assert result.returncode == 3
    assert "No display was found" in result.stderr
    assert "Traceback" not in result.stderr
