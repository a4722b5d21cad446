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

    def __init__(self, database: Path, found: str, *, has_backup: bool = True) -> None:
        remedy = (
            "Close and open the workspace: the newest backup and the journal then bring back what "
            "was recorded, and the damaged file is kept."
            if has_backup
            else "Neither a good backup nor a journal lies beside it, so it was left as it is. Put "
            "a copy of the database in its place, or choose another folder."
        )
        super().__init__(
            f"The study database {database} is damaged ({found}). Nothing more can be recorded in "
            f"it. {remedy}"
        )
        self.database = database
        self.found = found


class DatabaseInUseError(StoreError):
    """The study database's file must be replaced while somebody has it open, or the reverse."""

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"The study database {database} has to be restored from its backup, and another window "
            "or program has it open or is restoring it. Close all others that use this workspace, "
            "then open it again."
        )


class ProtocolError(StudyError):
    """A protocol is incomplete, contradictory, or asks for images that are not there."""


class BlindingError(StudyError):
    """The passphrase is wrong, the sealed truth is damaged, or the study is (not) unblinded."""


class SessionError(StudyError):
    """An answer does not fit the session's current trial."""


class PackError(StudyError):
    """A reading pack or its results cannot be made, opened or merged."""
