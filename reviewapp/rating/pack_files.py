"""Names of the files by which a reading pack travels out and its results come back; no widgets."""

from __future__ import annotations

import re

PACK_SUFFIX = ".readingpack"
RESULTS_SUFFIX = ".readingresults"
PACK_FILTER = f"Reading packs (*{PACK_SUFFIX});;All files (*)"
RESULTS_FILTER = f"Results of reading packs (*{RESULTS_SUFFIX});;All files (*)"


def file_stem(study_name: str, reader_id: str) -> str:
    """A file name without suffix that says what it is on every file system."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", study_name).strip("-").lower() or "study"
    return f"{plain}-{reader_id}"
