"""Blinded rating: the list of studies, making a study, and the screen a reader works in."""
