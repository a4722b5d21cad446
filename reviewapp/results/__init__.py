"""What a study found: counts while it is blinded, figures and curves afterwards."""
