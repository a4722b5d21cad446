"""A workspace that names a server: nobody is spoken to before the user agrees."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from engine.workspace import Workspace
from reviewapp import known_servers
from reviewapp.command_workspace import opened_store
from reviewapp.connect_command import run_connect
from reviewapp.known_servers import KnownServers, UnknownServerError
from reviewapp.main_window import MainWindow
from reviewapp.recent import RecentWorkspaces
from reviewapp.study.errors import StoreError
from reviewapp.verify_command import run_verify


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Listens, and never says a word."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.3)
    yield listening
    listening.close()


@pytest.fixture
def sent(tmp_path: Path, server: socket.socket) -> Workspace:
    """A workspace from somebody else that names that server."""
    workspace = Workspace.create(tmp_path / "sent")
    address = f"postgresql://reader@127.0.0.1:{server.getsockname()[1]}/study?connect_timeout=2"
    workspace.settings.write_text(f'[database]\nurl = "{address}"\n', encoding="utf-8")
    return workspace


def was_called(server: socket.socket) -> bool:
    try:
        connection, _ = server.accept()
    except TimeoutError:
        return False
    connection.close()
    return True


def test_nothing_is_sent_to_a_server_before_the_user_agrees(
    qtbot: QtBot, tmp_path: Path, sent: Workspace, server: socket.socket
) -> None:
    window = MainWindow(RecentWorkspaces(tmp_path / "recent.json"))
    qtbot.addWidget(window)
    window.show()
    assert not window.open_workspace(sent.root)
    assert not was_called(server)
    assert f"127.0.0.1:{server.getsockname()[1]}" in window.welcome.messages.text
    button = next(
        b for b in window.welcome.messages.findChildren(QPushButton)
        if b.text() == "Connect to this server"
    )  # fmt: skip
    server.close()  # So that the attempt ends at once.
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "reports" in window.welcome.messages.text or window.context is not None)
    KnownServers(tmp_path / "servers.json").check(sent)
    window.close()


def test_another_address_in_the_same_folder_is_asked_about_anew(
    tmp_path: Path, sent: Workspace
) -> None:
    servers = KnownServers(tmp_path / "servers.json")
    with pytest.raises(UnknownServerError) as asked:
        servers.check(sent)
    servers.agree(sent, asked.value.server)
    servers.check(sent)
    sent.settings.write_text('[database]\nurl = "postgresql://reader@example.org/study"\n')
    with pytest.raises(UnknownServerError, match=r"example\.org"):
        servers.check(sent)


def test_an_agreement_is_for_one_folder_and_a_damaged_list_holds_none(
    tmp_path: Path, sent: Workspace
) -> None:
    servers = KnownServers(tmp_path / "servers.json")
    with pytest.raises(UnknownServerError) as asked:
        servers.check(sent)
    servers.agree(Workspace(tmp_path / "other"), asked.value.server)
    with pytest.raises(UnknownServerError):
        servers.check(sent)
    for content in ("[" * 100_000, '{"a": 1}', "\x00"):
        (tmp_path / "servers.json").write_text(content)
        with pytest.raises(UnknownServerError):
            servers.check(sent)


def test_a_workspace_with_a_database_file_is_not_asked_about(tmp_path: Path) -> None:
    KnownServers(tmp_path / "servers.json").check(Workspace.create(tmp_path / "own"))


def test_commands_ask_too_and_tell_how_to_agree(
    tmp_path: Path,
    sent: Workspace,
    server: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        known_servers.platformdirs, "user_config_dir", lambda *_, **__: str(tmp_path / "config")
    )
    with pytest.raises(StoreError, match="medgan-review connect"), opened_store(sent.root):
        pass
    assert run_verify([str(sent.root)]) != 0
    assert not was_called(server)
    assert run_connect([str(sent.root)]) == 0
    assert "may now connect to postgresql://reader@127.0.0.1" in capsys.readouterr().out
    server.close()
    with pytest.raises(StoreError, match=r"127\.0\.0\.1"), opened_store(sent.root):
        pass
