"""Links, pictures and citations of the documentation lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.docs.markdown import DOCS, REPOSITORY, code_blocks, links, pages, tables

_PICTURE_BYTES = 150 * 1024
_ALL_BYTES = 3 * 2**20


def anchors(page: Path) -> set[str]:
    """What ``#…`` can name in a page, as GitHub makes it of headings."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def name_of(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name_of(page)} links to {link}, which is not there"
        if anchor:
            assert anchor in anchors(target), f"{name_of(page)}: {link}"


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_named_file_of_the_documentation_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for path in re.findall(r"`((?:docs|engine|reviewapp|benchmarks|tests)/[\w./]+\.\w+)`", text):
        is_made = path == "engine/gans/lsgan.py"  # by who follows the page
        assert is_made or (REPOSITORY / path).is_file(), f"{name_of(page)} names {path}"


def test_the_index_leads_to_every_page() -> None:
    index = DOCS / "README.md"
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in links(index)}
    start = REPOSITORY / "README.md"
    assert set(pages()) - {index, start} <= linked
    assert index in {(REPOSITORY / link).resolve() for link in links(start)}


def test_every_picture_is_shown_and_small() -> None:
    shown = {(page.parent / link).resolve() for page in pages() for link in links(page)}
    pictures = sorted((DOCS / "images").iterdir())
    assert pictures
    for picture in pictures:
        assert picture in shown, f"no page shows {picture.name}"
        assert picture.stat().st_size <= _PICTURE_BYTES, picture.name
    assert sum(picture.stat().st_size for picture in pictures) < _ALL_BYTES


def test_every_citation_stands_where_it_is_used() -> None:
    cited = 0
    for rows in tables(DOCS / "citations.md").values():
        for work, used in rows:
            author = re.match(r"[\w-]+", work)
            year = re.search(r"\b(1[89]|20)\d\d\b", work)
            assert author and year, work
            for path in re.findall(r"`([^`]+)`", used):
                text = (REPOSITORY / path).read_text(encoding="utf-8")
                assert author[0] in text and year[0] in text, f"{path} does not cite {work}"
                cited += 1
    assert cited > 80


def tutorial_commands() -> list[list[str]]:
    blocks = [b for page in pages() if "tutorial" in page.parts for b in code_blocks(page, "sh")]
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("command", tutorial_commands(), ids=" ".join)
def test_the_commands_of_the_tutorials_are_understood(command: list[str]) -> None:
    from engine.cli import build_parser
    from reviewapp import analyse_command, export_command, pack_command

    parsers = {
        "export": export_command._parser,
        "analyse": analyse_command._parser,
        "pack": pack_command._parser,
    }
    program, *arguments = command
    if program == "medgan-engine":
        build_parser().parse_args(arguments)
    else:
        parsers[arguments[0]]().parse_args(arguments[1:])
