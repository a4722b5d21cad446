"""workspace.toml: what it may say, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.workspace import Workspace
from reviewapp.study.database_location import database_url, is_workspace
from reviewapp.study.errors import StoreError
from reviewapp.study.store import StudyStore


def write_url(workspace: Workspace, url: str) -> None:
    workspace.settings.write_text(f'[database]\nurl = "{url}"\n', encoding="utf-8")


def test_without_the_file_the_database_lies_in_the_folder(workspace: Workspace) -> None:
    url = database_url(workspace)
    assert (url.drivername, url.database) == ("sqlite", str(workspace.database))


def test_a_server_is_named_by_its_url(workspace: Workspace) -> None:
    write_url(workspace, "postgresql://medgan@localhost:5433/study")
    url = database_url(workspace)
    assert (url.host, url.port, url.username, url.database) == (
        "localhost", 5433, "medgan", "study"
    )  # fmt: skip
    assert not url.query


@pytest.mark.parametrize(
    ("options", "mode"),
    [("", "require"), ("?sslmode=verify-full", "verify-full"), ("?sslmode=disable", "disable")],
)
def test_another_computer_is_reached_encrypted_unless_the_url_says_otherwise(
    workspace: Workspace, options: str, mode: str
) -> None:
    write_url(workspace, f"postgresql://medgan@db.example.org/study{options}")
    assert database_url(workspace).query["sslmode"] == mode


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("database = [", "Cannot read"),
        ("x = " + "[" * 100_000, "Cannot read"),
        ("", "one table"),
        ("[database]\n", "one table"),
        ('[database]\nurl = "postgresql://a@b/c"\nuser = "x"\n', "one table"),
        ('[database]\nurl = "postgresql://a@b/c"\n[more]\n', "one table"),
        ("[database]\nurl = 5\n", "must be text"),
        ('[database]\nurl = "not a url"\n', "not a URL"),
        ('[database]\nurl = "sqlite:////etc/hosts"\n', "'sqlite' database"),
        ('[database]\nurl = "mysql://a@b/c"\n', "'mysql' database"),
        ('[database]\nurl = "postgresql+psycopg2://a@b/c"\n', "database; write it as"),
        ('[database]\nurl = "postgresql:///study"\n', "not complete"),
        ('[database]\nurl = "postgresql://a@b"\n', "not complete"),
        ('[database]\nurl = "postgresql://a@b/c?host=elsewhere"\n', "may not ask for host"),
        ('[database]\nurl = "postgresql://a@b/c?passfile=/x&options=-cx"\n', "options, passfile"),
    ],
)
def test_what_the_file_may_not_say_is_refused_by_its_name(
    workspace: Workspace, content: str, reason: str
) -> None:
    workspace.settings.write_text(content, encoding="utf-8")
    with pytest.raises(StoreError, match=reason) as refused:
        StudyStore.open(workspace)
    assert str(workspace.settings) in str(refused.value)
    assert not workspace.database.exists()


@pytest.mark.parametrize(
    "url", ["postgresql://a:hunter2@b/c", "postgresql://a:hunter2@b:port/c", "//a:hunter2@b"]
)
def test_a_password_in_the_file_is_refused_and_never_repeated(
    workspace: Workspace, url: str
) -> None:
    write_url(workspace, url)
    with pytest.raises(StoreError) as refused:
        database_url(workspace)
    assert "hunter2" not in str(refused.value)


def test_a_folder_with_two_databases_is_refused_before_either_is_opened(
    workspace: Workspace,
) -> None:
    StudyStore.open(workspace).close()
    write_url(workspace, "postgresql://medgan@localhost/study")
    with pytest.raises(StoreError, match="move away the one that is not meant"):
        StudyStore.open(workspace)


def test_a_folder_whose_database_is_on_a_server_is_a_workspace(
    workspace: Workspace, tmp_path: Path
) -> None:
    assert not is_workspace(workspace.root)
    write_url(workspace, "postgresql://medgan@localhost/study")
    assert is_workspace(workspace.root)
    assert not is_workspace(tmp_path / "nowhere")
