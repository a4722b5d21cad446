"""docs/protocol.md tells of every field of a protocol what the model says."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
from pydantic import BaseModel

from reviewapp.study.protocol import Protocol, Remedies, Tools, parse_protocol
from tests.docs.markdown import DOCS, code_blocks, table_text, tables

PAGE = DOCS / "protocol.md"
MODELS = {"Fields": Protocol, "[tools]": Tools, "[remedies]": Remedies}
_TYPES = {"string": "text", "array": "list", "boolean": "boolean"}


def schema_of(model: type[BaseModel], name: str) -> dict[str, Any]:
    """A field's JSON schema, without the alternative that it is absent."""
    schema = dict(model.model_json_schema()["properties"][name])
    for choice in schema.pop("anyOf", ()):
        if choice["type"] != "null":
            schema |= choice
    return schema


def type_of(schema: dict[str, Any]) -> str:
    if schema.get("type") == "array":
        return "list of text" if schema["items"]["type"] == "string" else "list of integers"
    return _TYPES.get(schema.get("type", ""), schema.get("type", "table"))


def range_of(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "minimum" in schema:
        return f"{schema['minimum']:g} to {upper(schema['maximum'])}"
    if "pattern" in schema:
        return f"`{schema['pattern']}`"
    if "maxLength" in schema:
        return f"{schema.get('minLength', 0)} to {schema['maxLength']} characters"
    return ""


def upper(value: float) -> str:
    return "2^63 − 1" if value == 2**63 - 1 else f"{value:g}"


def default_of(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    if field.is_required():
        return "needed"
    if field.default is None:
        return "absent"
    if isinstance(field.default, BaseModel):
        return "its defaults"
    return f"`{json.dumps(field.default)}`"


def expected(model: type[BaseModel]) -> list[list[str]]:
    """Field, type, default and range of every field, in the model's order."""
    rows = []
    for name in model.model_fields:
        schema = schema_of(model, name)
        rows.append([f"`{name}`", type_of(schema), default_of(model, name), range_of(schema)])
    return rows


@pytest.mark.parametrize("heading", MODELS)
def test_every_field_and_nothing_else_is_documented(heading: str) -> None:
    written = tables(PAGE)[heading]
    rows = expected(MODELS[heading])
    assert [row[:4] for row in written] == rows, f"{heading} should be:\n{table_text(rows)}"
    assert all(len(row[4]) > 10 for row in written)


def test_the_page_has_no_other_fields() -> None:
    assert set(tables(PAGE)) == set(MODELS)


def test_the_example_is_a_protocol() -> None:
    (example,) = code_blocks(PAGE, "toml")
    protocol = parse_protocol(tomllib.loads(example))
    words = re.search(r"It asks for (\d+) trials in (\d+) blocks", PAGE.read_text(encoding="utf-8"))
    assert words is not None
    assert (protocol.n_trials, protocol.n_blocks) == (int(words[1]), int(words[2]))
