"""Builds a folder with the whole program, Python included, for a workstation without Python.

    pip install '.[package]' && python resources/packaging/build_program.py --out dist

It runs on the system that the program is for: PyInstaller builds for the machine it works on. The
folder ``medgan-review`` in the output can be copied anywhere; it holds the torch build that is
installed here, so that a build with CUDA needs one with CUDA. ``--check`` starts what was built.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "medgan-review"
#: found by name at run time, so that PyInstaller cannot see them
_COLLECTED = ("engine", "reviewapp")
#: read as files: alembic's environment and revisions
_MIGRATIONS = Path("reviewapp", "study", "migrations")
#: come with libraries but are of no use here
_EXCLUDED = ("tkinter", "pytest", "IPython", "torch.utils.tensorboard")


def build(out: Path) -> Path:
    """Build into ``out``; returns the program's file."""
    import PyInstaller.__main__

    work = out / "work"
    separator = os.pathsep
    arguments = [
        str(ROOT / "resources" / "packaging" / "start.py"),
        *("--name", NAME, "--noconfirm", "--clean", "--windowed"),
        *("--distpath", str(out), "--workpath", str(work), "--specpath", str(work)),
        *("--paths", str(ROOT)),
        *("--add-data", f"{ROOT / 'resources'}{separator}reviewapp/resources"),
        *("--add-data", f"{ROOT / _MIGRATIONS}{separator}{_MIGRATIONS}"),
        *(part for name in _COLLECTED for part in ("--collect-submodules", name)),
        *("--copy-metadata", "medgan-review"),
        *(part for name in _EXCLUDED for part in ("--exclude-module", name)),
    ]
    PyInstaller.__main__.run(arguments)
    shutil.rmtree(work, ignore_errors=True)
    return out / NAME / (f"{NAME}.exe" if sys.platform == "win32" else NAME)


def check(program: Path) -> int:
    """Let the program tell its version and what it finds."""
    return subprocess.run([str(program), "--version", "--doctor"], check=False).returncode


def main() -> int:
    """Read the command line, build, check where asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("dist"), help="folder to build into")
    parser.add_argument("--check", action="store_true", help="start what was built")
    options = parser.parse_args()
    program = build(options.out.resolve())
    print(f"Built {program}")
    return check(program) if options.check else 0


if __name__ == "__main__":
    sys.exit(main())
