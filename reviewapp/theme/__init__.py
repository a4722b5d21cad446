"""How the app looks: colours, spacing, style sheet and icons."""
