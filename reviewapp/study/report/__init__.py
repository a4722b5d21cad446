"""The report of a study: one content, written as HTML and as PDF."""
