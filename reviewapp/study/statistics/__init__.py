"""Statistics of reading studies: pure functions of counts and scores, no store."""
