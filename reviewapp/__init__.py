"""The desktop app: Qt widgets over the study layer and the engine."""

__version__ = "0.1.0"
