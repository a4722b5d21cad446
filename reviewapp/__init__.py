"""The desktop app: Qt widgets over the study layer and the engine."""

from reviewapp.singleton_references import reserve_references

__version__ = "0.1.0"

# Here, because every way into the app and every test passes it before it uses Qt.
reserve_references()
