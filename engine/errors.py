"""The engine's exception family.

Every message says what is wrong, where (file, row or field) and what to do about it, because the
app shows it to a specialist as it stands.
"""


class EngineError(Exception):
    """Base of everything the engine raises on purpose."""


class DataError(EngineError):
    """An image, volume, table or manifest cannot be used as data."""


class StorageError(DataError):
    """The disk refuses to take a file; nothing else can be stored either."""


class ConfigError(EngineError):
    """A configuration names something that does not exist or does not fit together."""


class CheckpointError(EngineError):
    """A checkpoint is missing, damaged, or belongs to another network."""


class TrainingError(EngineError):
    """A run cannot start or go on."""


class ProcessLostError(TrainingError):
    """Another of the processes that train a run together is gone; the run can be resumed."""


class FeedbackError(EngineError):
    """Ratings cannot be used for training."""


class EvaluationError(EngineError):
    """A metric cannot be computed from what it was given, or would mean nothing."""


class Cancelled(EngineError):  # noqa: N818 - an outcome the caller asked for, not a fault
    """The caller asked a long operation to stop, and it stopped in a consistent state."""
