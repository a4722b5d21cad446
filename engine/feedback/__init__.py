"""Specialists' ratings as training signal: frozen snapshots, weights, rounds."""
