"""What the status bar tells: what computes, what is at work, how much room is left."""
