"""The degradation guard: what shows that a run goes wrong before, or while, its images do."""
