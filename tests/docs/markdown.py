"""What the tests read from the documentation: code blocks, tables, links."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"


def pages() -> list[Path]:
    """Every Markdown page that a reader of the documentation may open."""
    return [REPOSITORY / "README.md", *sorted(DOCS.rglob("*.md"))]


def code_blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def tables(page: Path) -> dict[str, list[list[str]]]:
    """The rows of the last table below each heading, without its head; marks of code taken off."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.strip("# `")
        elif line.startswith("| ---"):
            found[heading] = []
        elif line.startswith("|") and heading in found:
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            found[heading].append([cell.strip().replace("\\|", "|") for cell in cells])
    return found


def table_text(rows: list[list[str]]) -> str:
    """Rows as they stand in a page, for a failed test to print."""
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in escaped)


def links(page: Path) -> list[str]:
    """Targets of links and pictures, those of the web left out."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]
