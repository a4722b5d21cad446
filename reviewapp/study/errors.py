"""The study layer's exception family; messages are shown to specialists as they stand."""


class StudyError(Exception):
    """Base of everything the study layer raises on purpose."""


class StoreError(StudyError):
    """The study database cannot be opened, read or written."""


class ProtocolError(StudyError):
    """A protocol is incomplete, contradictory, or asks for images that are not there."""


class BlindingError(StudyError):
    """The passphrase is wrong, the sealed truth is damaged, or the study is (not) unblinded."""


class SessionError(StudyError):
    """An answer does not fit the session's current trial."""


class PackError(StudyError):
    """A reading pack or its results cannot be made, opened or merged."""
