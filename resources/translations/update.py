"""Gathers the texts of the app into the .ts files, and makes the .qm files that the app reads.

    python resources/translations/update.py

Where a text has no translation, the app shows the English one.
Translate what is marked *unfinished* in ``medgan-review_LANGUAGE.ts`` (Qt Linguist, or any editor)
and run it again. English holds plural forms only. A new language is one more code in
`reviewapp/translation.py`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from reviewapp.translation import LANGUAGES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def gather() -> None:
    """Bring the .ts files up to date with the sources."""
    sources = sorted(
        str(path)
        for path in (ROOT / "reviewapp").rglob("*.py")
        if "translate(" in path.read_text(encoding="utf-8")
        or "QT_TRANSLATE_NOOP(" in path.read_text(encoding="utf-8")
    )
    for language in LANGUAGES:
        only = ("-pluralonly",) if language == "en" else ()
        target = HERE / f"medgan-review_{language}.ts"
        _run(
            *("pyside6-lupdate", *sources, *only, "-no-obsolete", "-locations", "none"),
            *("-source-language", "en", "-target-language", language, "-ts", str(target)),
        )


def release(folder: Path = HERE) -> None:
    """Write the .qm files into ``folder``."""
    for language in LANGUAGES:
        name = f"medgan-review_{language}"
        _run("pyside6-lrelease", str(HERE / f"{name}.ts"), "-qm", str(folder / f"{name}.qm"))


def _run(program: str, *arguments: str) -> None:
    found = Path(sys.executable).parent / program
    subprocess.run([str(found), *arguments], check=True)


if __name__ == "__main__":
    gather()
    release()
