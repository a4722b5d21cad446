"""The demo: drawn hearts and eyes, shipped generators, and the loop run by a script."""
