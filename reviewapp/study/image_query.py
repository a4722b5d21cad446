"""Finds, sorts and counts library images in the database, so that nobody reads them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, func, or_, select

from reviewapp.study import schema
from reviewapp.study.image_ratings import image_ratings
from reviewapp.study.model import (
    FacetGroup,
    ImageFilter,
    ImageOrder,
    ImageRow,
    OrderedIds,
    OrderKey,
)

_FIELDS = tuple(ImageRow.__dataclass_fields__)
_FACETS = ("dataset", "source", "variant", "class_label", "run_id", "split")
_EQUAL = (*schema.FACETS, "patient")
_NUMBERS: tuple[OrderKey, ...] = ("checkpoint_step", "uncertainty", "confidence", "said_real")
#: SQLite takes 32,766 values in a statement; nobody needs as many rows at once
_IDS_AT_ONCE = 5000


def find_images(
    connection: Connection,
    image_filter: ImageFilter,
    offset: int = 0,
    limit: int | None = None,
    order: ImageOrder | None = None,
) -> list[ImageRow]:
    """Fitting images in a stable order."""
    columns = [schema.images.c[name] for name in _FIELDS]
    query = _ordered(image_filter, order or ImageOrder(), columns)[0].offset(offset)
    if limit is not None:
        query = query.limit(limit)
    return [_row(row) for row in connection.execute(query)]


def image_ids(connection: Connection, image_filter: ImageFilter, order: ImageOrder) -> OrderedIds:
    """The ids of all fitting images in their order: light enough for 100,000."""
    query, value = _ordered(image_filter, order, [schema.images.c.record_id])
    if value is None:
        return OrderedIds(list(connection.execute(query).scalars()))
    rows = connection.execute(query.add_columns(value)).all()
    return OrderedIds(
        [row[0] for row in rows], [None if row[1] is None else float(row[1]) for row in rows]
    )


def images_by_id(connection: Connection, record_ids: Sequence[str]) -> list[ImageRow]:
    """The images with these ids, in this order; those that are gone are left out."""
    table = schema.images
    columns = [table.c[name] for name in _FIELDS]
    found: dict[str, ImageRow] = {}
    for start in range(0, len(record_ids), _IDS_AT_ONCE):
        wanted = record_ids[start : start + _IDS_AT_ONCE]
        query = select(*columns).where(table.c.record_id.in_(wanted))
        found |= {row.record_id: _row(row) for row in connection.execute(query)}
    return [found[record_id] for record_id in record_ids if record_id in found]


def count_images(connection: Connection, image_filter: ImageFilter) -> int:
    """How many images fit."""
    query = select(func.count()).select_from(schema.images).where(*_conditions(image_filter))
    return int(connection.execute(query).scalar_one())


def image_facets(connection: Connection) -> dict[str, list[str]]:
    """The different non-blank values of each field that has words."""
    table = schema.images
    return {
        name: list(
            connection.execute(
                select(table.c[name]).where(table.c[name] != "").distinct().order_by(table.c[name])
            ).scalars()
        )
        for name in _FACETS
    }


def facet_groups(connection: Connection, image_filter: ImageFilter) -> list[FacetGroup]:
    """Fitting images counted by all facets at once, from which every list can be added up."""
    columns = [schema.images.c[name] for name in schema.FACETS]
    query = select(*columns, func.count()).where(*_conditions(image_filter)).group_by(*columns)
    return [
        FacetGroup(dict(zip(schema.FACETS, row[:-1], strict=True)), row[-1])
        for row in connection.execute(query)
    ]


def map_kind_counts(connection: Connection, image_filter: ImageFilter) -> dict[str, int]:
    """Fitting images that have a measured map, by its kind; under "" those without any."""
    images, means = schema.images, schema.map_means
    conditions = _conditions(image_filter)
    kinds = (
        select(means.c.kind, func.count())
        .join(images, images.c.key == means.c.key)
        .where(*conditions)
        .group_by(means.c.kind)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(kinds)}
    if counts:
        without = select(func.count()).select_from(images).where(*conditions, ~_has_map(None))
        counts[""] = int(connection.execute(without).scalar_one())
    return counts


def rated_as_counts(connection: Connection, image_filter: ImageFilter) -> dict[str, int]:
    """Fitting images by what most ratings in unblinded studies called them, and unrated ones."""
    images, ratings = schema.images, image_ratings()
    conditions = _conditions(image_filter)
    said_real = ratings.c.said_real >= 0.5
    query = (
        select(said_real, func.count())
        .join_from(images, ratings, ratings.c.record_id == images.c.record_id)
        .where(*conditions)
        .group_by(said_real)
    )
    counts = {"real" if row[0] else "generated": int(row[1]) for row in connection.execute(query)}
    if counts:
        counts["unrated"] = count_images(connection, image_filter) - sum(counts.values())
    return counts


def _row(row: Any) -> ImageRow:
    return ImageRow(**{name: getattr(row, name) for name in _FIELDS})


def _conditions(image_filter: ImageFilter) -> list[ColumnElement[bool]]:
    columns = schema.images.c
    conditions: list[ColumnElement[bool]] = [
        columns[name] == value
        for name in _EQUAL
        if (value := getattr(image_filter, name)) is not None
    ]
    if not image_filter.cine_frames:
        conditions.append(columns.cine.is_(False))
    if image_filter.id_contains:
        text = image_filter.id_contains.strip()
        conditions.append(
            or_(
                columns.record_id.icontains(text, autoescape=True),
                columns.key.istartswith(text, autoescape=True),
            )
        )
    if image_filter.map_kind is not None:
        has_map = _has_map(image_filter.map_kind or None)
        conditions.append(has_map if image_filter.map_kind else ~has_map)
    if image_filter.rated_as is not None:
        ratings = image_ratings()
        rated = select(ratings.c.record_id)
        if image_filter.rated_as == "unrated":
            conditions.append(columns.record_id.not_in(rated))
        else:
            real = ratings.c.said_real >= 0.5
            rated = rated.where(real if image_filter.rated_as == "real" else ~real)
            conditions.append(columns.record_id.in_(rated))
    return conditions


def _has_map(kind: str | None) -> ColumnElement[bool]:
    means = schema.map_means
    mapped = (
        select(means.c.key) if kind is None else select(means.c.key).where(means.c.kind == kind)
    )
    return schema.images.c.key.in_(mapped)


def _ordered(
    image_filter: ImageFilter, order: ImageOrder, columns: Sequence[ColumnElement[Any]]
) -> tuple[Select[Any], ColumnElement[Any] | None]:
    """The query of these columns, and the number it is sorted by, if it is one."""
    images, means = schema.images, schema.map_means
    query = select(*columns).where(*_conditions(image_filter))
    joined: FromClause = images
    value: ColumnElement[Any] | None = None
    if order.by == "uncertainty":
        of_kind = and_(means.c.key == images.c.key, means.c.kind == order.map_kind)
        joined = images.outerjoin(means, of_kind)
        value = means.c.mean
    elif order.by in ("confidence", "said_real"):
        ratings = image_ratings()
        joined = images.outerjoin(ratings, ratings.c.record_id == images.c.record_id)
        value = ratings.c[order.by]
    elif order.by != "library":
        value = images.c[order.by]
    query = query.select_from(joined)
    if value is None:
        usual = (images.c.dataset, images.c.source, images.c.run_id, images.c.record_id)
        return query.order_by(*(c.desc() if order.descending else c for c in usual)), None
    sorted_by = value.desc() if order.descending else value.asc()
    # An explicit first key: where blank values go by themselves differs between databases.
    query = query.order_by(value.is_(None), sorted_by, images.c.record_id)
    return query, value if order.by in _NUMBERS else None
