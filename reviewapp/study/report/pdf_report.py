"""A report as PDF (A4), set by reportlab in the font of the figures."""

from __future__ import annotations

import io
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from reviewapp.study.figures.catalogue import png_bytes
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
from reviewapp.study.report.html_report import thumbnail

_DPI = 200
_MARGIN_MM = 18.0
_TALLEST_MM = 185.0
#: figures are printed a little smaller than they are drawn
_SCALE = 0.85
#: reportlab's frames keep this distance to their content, in points
_FRAME_PADDING = 6
_FONT, _BOLD = "DejaVuSans", "DejaVuSans-Bold"
_PER_ROW = 4


def pdf_report(report: Report, progress: ProgressReport, cancelled: CancelCheck) -> bytes:
    """The file's bytes. Raises `engine.errors.Cancelled`."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    _register_fonts()
    buffer = io.BytesIO()
    margin = _MARGIN_MM * mm
    document = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=margin, rightMargin=margin, topMargin=margin,
        bottomMargin=margin, title=report.title, author="medgan-review", subject=report.subtitle,
    )  # fmt: skip
    setter = _Setter(document.width - 2 * _FRAME_PADDING)
    story = [*setter.title(report)]
    for done, block in enumerate(report.blocks):
        raise_if_cancelled(cancelled)
        progress(done, len(report.blocks), "report.pdf")
        story += setter.block(block)

    def number_page(canvas: Any, _document: Any) -> None:
        canvas.setFont(_FONT, 7.5)
        canvas.setFillGray(0.4)
        canvas.drawString(margin + _FRAME_PADDING, 10 * mm, report.title)
        canvas.drawRightString(
            A4[0] - margin - _FRAME_PADDING, 10 * mm, f"Page {canvas.getPageNumber()}"
        )

    document.build(story, onFirstPage=number_page, onLaterPages=number_page)
    return buffer.getvalue()


def _register_fonts() -> None:
    """Matplotlib's own font, which has ′, κ and α, unlike the fonts that every PDF knows."""
    import matplotlib
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    known = pdfmetrics.getRegisteredFontNames()
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in (_FONT, _BOLD):
        if name not in known:
            pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))


class _Setter:
    """Blocks as reportlab's flowables, for a column of ``width`` points."""

    def __init__(self, width: float) -> None:
        from reportlab.lib.styles import ParagraphStyle

        self._width = width
        body = ParagraphStyle("body", fontName=_FONT, fontSize=8.8, leading=12.6, spaceAfter=5)
        self._styles = {
            "body": body,
            "title": ParagraphStyle("title", body, fontName=_BOLD, fontSize=17, leading=21),
            "subtitle": ParagraphStyle("subtitle", body, textColor="#5a5a5a", spaceAfter=10),
            "lead": ParagraphStyle(
                "lead", body, fontSize=11, leading=15.5, leftIndent=8, spaceAfter=8,
                borderColor="#0072b2", borderPadding=(4, 6, 5, 8), backColor="#eef5fa",
            ),
            "heading": ParagraphStyle(
                "heading", body, fontName=_BOLD, fontSize=12.5, leading=16, spaceBefore=12,
                spaceAfter=5, keepWithNext=1,
            ),
            "subheading": ParagraphStyle(
                "subheading", body, fontName=_BOLD, spaceBefore=6, spaceAfter=3, keepWithNext=1
            ),
            "note": ParagraphStyle("note", body, fontSize=7.4, leading=10, textColor="#5a5a5a"),
            "cell": ParagraphStyle("cell", body, fontSize=7.8, leading=10.2, spaceAfter=0),
            "head": ParagraphStyle(
                "head", body, fontName=_BOLD, fontSize=7.8, leading=10.2, spaceAfter=0
            ),
            "small": ParagraphStyle("small", body, fontSize=6.8, leading=8.6, spaceAfter=0),
        }  # fmt: skip

    def title(self, report: Report) -> Iterator[Any]:
        """The report's name and date."""
        yield self._text(report.title, "title")
        yield self._text(report.subtitle, "subtitle")

    def block(self, block: Block) -> list[Any]:
        """One block's flowables."""
        if isinstance(block, Heading):
            return [self._text(block.text, "heading")]
        if isinstance(block, Paragraph):
            style = "lead" if block.lead else "note" if block.note else "body"
            return [self._text(block.text, style)]
        if isinstance(block, Listing):
            return [self._text(f"•  {point}", "body") for point in block.points]
        if isinstance(block, ReportTable):
            return self._table(block)
        if isinstance(block, ReportFigure):
            return self._figure(block)
        return self._pictures(block)

    def _text(self, text: str, style: str) -> Any:
        from reportlab.platypus import Paragraph as Flowing

        return Flowing(escape(text, quote=False), self._styles[style])

    def _table(self, block: ReportTable) -> list[Any]:
        from reportlab.platypus import Spacer, Table

        cells = [[self._text(text, "head") for text in block.header]]
        cells += [[self._text(text, "cell") for text in row] for row in block.rows]
        table = Table(cells, colWidths=self._column_widths(block), repeatRows=1, hAlign="LEFT")
        table.setStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, "#5a5a5a"),
                ("LINEBELOW", (0, 1), (-1, -1), 0.3, "#d9d9d9"),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 6),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
        above = [self._text(block.caption, "subheading")] if block.caption else []
        return [*above, table, Spacer(1, 8)]

    def _column_widths(self, block: ReportTable) -> list[float]:
        longest = [
            min(46, max(10, *(len(text) for text in column)))
            for column in zip(block.header, *block.rows, strict=True)
        ]
        return [self._width * n / sum(longest) for n in longest]

    def _figure(self, block: ReportFigure) -> list[Any]:
        from reportlab.lib.units import mm
        from reportlab.platypus import Image, Spacer

        spec = block.spec
        image = Image(io.BytesIO(png_bytes(spec, dpi=_DPI)))
        natural = image.imageWidth * 72 / _DPI, image.imageHeight * 72 / _DPI
        scale = min(_SCALE, self._width / natural[0], _TALLEST_MM * mm / natural[1])
        image.drawWidth, image.drawHeight = natural[0] * scale, natural[1] * scale
        image.hAlign = "LEFT"
        image.keepWithNext = True
        return [
            self._text(spec.title, "subheading"),
            image,
            self._text(spec.caption, "note"),
            Spacer(1, 8),
        ]

    def _pictures(self, block: Pictures) -> list[Any]:
        from reportlab.platypus import Image, Spacer, Table

        side = self._width / _PER_ROW - 6
        cells = []
        for picture in block.pictures:
            content = thumbnail(picture.path, round(side * _DPI / 72))
            shown = (
                self._text("(image missing)", "small")
                if content is None
                else Image(io.BytesIO(content), side, side, kind="proportional")
            )
            cells.append([shown, *(self._text(line, "small") for line in picture.lines if line)])
        rows = [cells[i : i + _PER_ROW] for i in range(0, len(cells), _PER_ROW)]
        rows[-1] += [[] for _ in range(_PER_ROW - len(rows[-1]))]
        table = Table(rows, colWidths=[self._width / _PER_ROW] * _PER_ROW)
        table.setStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 6),
            ]
        )
        return [self._text(block.title, "subheading"), table, Spacer(1, 6)]
