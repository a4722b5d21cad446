"""Losses, each with the paper and equation it implements."""
