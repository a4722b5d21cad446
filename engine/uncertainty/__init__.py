"""Uncertainty of generated and restored images, per pixel."""
