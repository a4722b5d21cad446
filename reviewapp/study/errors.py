"""The study layer's exception family; messages are shown to specialists as they stand."""

from pathlib import Path


class StudyError(Exception):
    """Base of everything the study layer raises on purpose."""


class StoreError(StudyError):
    """The study database cannot be opened, read or written."""


class BackupError(StoreError):
    """The study database could not be backed up."""


class DamagedDatabaseError(StoreError):
    """The study database's file is damaged; ``database`` is the file, ``found`` SQLite's words."""

    def __init__(self, database: Path, found: str) -> None:
        super().__init__(
            f"The study database {database} is damaged ({found}). Nothing more can be recorded in "
            "it. Close and open the workspace: the newest backup and the journal then bring back "
            "what was recorded, and the damaged file is kept."
        )
        self.database = database
        self.found = found


class ProtocolError(StudyError):
    """A protocol is incomplete, contradictory, or asks for images that are not there."""


class BlindingError(StudyError):
    """The passphrase is wrong, the sealed truth is damaged, or the study is (not) unblinded."""


class SessionError(StudyError):
    """An answer does not fit the session's current trial."""


class PackError(StudyError):
    """A reading pack or its results cannot be made, opened or merged."""
