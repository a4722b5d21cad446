"""Everything particular to a study database on a PostgreSQL server."""

from __future__ import annotations

from sqlalchemy import URL

from reviewapp.study.errors import StoreError


def with_driver(url: URL) -> URL:
    """A PostgreSQL URL with the driver that comes with the app; others as they are.

    Raises `StoreError` when that driver is not installed.
    """
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        return url
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise StoreError(
            "The study database is on a PostgreSQL server, and the driver for it is not installed "
            f"({error}). Install it with: pip install 'medgan-review[postgresql]'."
        ) from error
    return url.set(drivername="postgresql+psycopg")
