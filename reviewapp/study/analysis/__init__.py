"""From a study's ratings to its results: what is shown, exported and reported; no Qt."""
