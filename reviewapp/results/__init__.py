"""What a study found, in words, figures and plots."""
