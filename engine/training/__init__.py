"""What all variants share: configuration, the loop, jobs, checkpoints, events."""
