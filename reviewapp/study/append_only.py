"""Makes the database itself refuse to change or remove rows of the append-only tables."""

from __future__ import annotations

from sqlalchemy import Connection

from reviewapp.study import schema
from reviewapp.study.own_schema import refusal_trigger


def forbid_changes(connection: Connection) -> None:
    """Guard every table of `schema.APPEND_ONLY`; a table that is guarded already stays so."""
    if connection.dialect.name == "sqlite":
        _forbid_in_sqlite(connection)
    elif connection.dialect.name == "postgresql":
        _forbid_in_postgresql(connection)


def _forbid_in_sqlite(connection: Connection) -> None:
    for table in schema.APPEND_ONLY:
        for operation in ("UPDATE", "DELETE"):
            sql = refusal_trigger(table.name, operation)
            connection.exec_driver_sql(sql.replace("TRIGGER", "TRIGGER IF NOT EXISTS", 1))


def _forbid_in_postgresql(connection: Connection) -> None:
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
    )
    for table in schema.APPEND_ONLY:
        trigger = f"{table.name}_no_change"
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger} ON {table.name}")
        connection.exec_driver_sql(
            f"CREATE TRIGGER {trigger} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
