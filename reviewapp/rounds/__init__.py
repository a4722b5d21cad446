"""The Rounds page: ratings train a generator, its images are rated anew, round by round."""
