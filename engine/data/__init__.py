"""Data sets: importers, phantoms, the content-addressed library, splits and training arrays."""
