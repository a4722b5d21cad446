"""How good a generator's images are, by metrics that are each named after what they are."""
