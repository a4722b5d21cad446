"""A study to attack: the one of the study's own tests."""

from __future__ import annotations

from tests.study.conftest import (
    database_kind,
    library,
    library_template,
    protocol,
    reader,
    store,
    study,
)

__all__ = ["database_kind", "library", "library_template", "protocol", "reader", "store", "study"]
