"""The pictures of a study's results, drawn by matplotlib without a window."""
