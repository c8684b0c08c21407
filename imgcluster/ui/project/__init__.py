"""The project that is open: its source, what was chosen and changed, and how that is saved."""
