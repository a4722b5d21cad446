"""A report as one HTML file that needs nothing beside it and prints well."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from html import escape
from pathlib import Path

from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from reviewapp.study.figures.catalogue import svg_bytes
from reviewapp.study.report.blocks import (
    Block,
    Heading,
    Listing,
    Paragraph,
    Pictures,
    Report,
    ReportFigure,
    ReportTable,
)

_THUMBNAIL = 256
_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: #1a1a1a;
  max-width: 46rem; margin: 2.5rem auto; padding: 0 1.2rem; background: #fff; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem;
  border-bottom: 1px solid #d9d9d9; padding-bottom: .2rem; break-after: avoid; }
.subtitle, .note, figcaption, caption { color: #5a5a5a; }
.note { font-size: .86rem; margin: .3rem 0; }
.lead { font-size: 1.15rem; border-left: 4px solid #0072b2; padding: .3rem 0 .3rem .9rem; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; font-size: .9rem;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .28rem .6rem .28rem 0;
  border-bottom: 1px solid #e6e6e6; overflow-wrap: anywhere; }
tr, figure { break-inside: avoid; } thead { display: table-header-group; }
figure { margin: 1.4rem 0; } figure img { max-width: 100%; height: auto; }
figcaption b { color: #1a1a1a; display: block; } figcaption { font-size: .9rem; }
.pictures { display: grid; grid-template-columns: repeat(4, 1fr); gap: .8rem; }
.pictures img { width: 100%; background: #101010; } .pictures div { font-size: .8rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; break-after: avoid; }
@media print { body { margin: 0; max-width: none; font-size: 10.5pt; } @page { margin: 18mm; } }
"""


def html_report(report: Report, progress: ProgressReport, cancelled: CancelCheck) -> bytes:
    """The file's bytes, UTF-8; every text is escaped. Raises `engine.errors.Cancelled`."""
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head><body>",
        f'<h1>{escape(report.title)}</h1><p class="subtitle">{escape(report.subtitle)}</p>',
    ]
    for done, block in enumerate(report.blocks):
        raise_if_cancelled(cancelled)
        progress(done, len(report.blocks), "report.html")
        parts.append(_block(block))
    parts.append("</body></html>\n")
    return "\n".join(parts).encode("utf-8")


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h2>{escape(block.text)}</h2>"
    if isinstance(block, Paragraph):
        role = ' class="lead"' if block.lead else ' class="note"' if block.note else ""
        return f"<p{role}>{escape(block.text)}</p>"
    if isinstance(block, Listing):
        return f"<ul>{_each('li', block.points)}</ul>"
    if isinstance(block, ReportTable):
        caption = f"<caption>{escape(block.caption)}</caption>" if block.caption else ""
        rows = "\n".join(f"<tr>{_each('td', row)}</tr>" for row in block.rows)
        head = f"<thead><tr>{_each('th', block.header)}</tr></thead>"
        return f"<table>{caption}{head}<tbody>{rows}</tbody></table>"
    if isinstance(block, ReportFigure):
        spec = block.spec
        source = _data("image/svg+xml", svg_bytes(spec))
        return (
            f'<figure><img src="{source}" alt="{escape(spec.title)}"><figcaption>'
            f"<b>{escape(spec.title)}</b>{escape(spec.caption)}</figcaption></figure>"
        )
    return _pictures(block)


def _pictures(block: Pictures) -> str:
    cells = []
    for picture in block.pictures:
        content = thumbnail(picture.path, _THUMBNAIL)
        image = (
            "<div>(image missing)</div>"
            if content is None
            else f'<img src="{_data("image/png", content)}" alt="{escape(picture.lines[0])}">'
        )
        lines = "<br>".join(escape(line) for line in picture.lines if line)
        cells.append(f"<div>{image}<div>{lines}</div></div>")
    return f'<h3>{escape(block.title)}</h3><div class="pictures">{"".join(cells)}</div>'


def thumbnail(path: Path, side: int) -> bytes | None:
    """A small PNG of an image that was shown; None where it is missing or damaged."""
    from PIL import Image

    from reviewapp.study.errors import StoreError
    from reviewapp.study.presented_files import read_presented

    try:
        image = Image.fromarray(read_presented(path))
    except StoreError:
        return None
    image.thumbnail((side, side))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def _each(tag: str, texts: tuple[str, ...], show: Callable[[str], str] = escape) -> str:
    return "".join(f"<{tag}>{show(text)}</{tag}>" for text in texts)


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
