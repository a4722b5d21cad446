"""Importing data sets and folders of images into the workspace."""
