"""One revision per released schema; what a revision did is never changed afterwards."""
