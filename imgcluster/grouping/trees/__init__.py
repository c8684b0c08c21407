"""The tree of all images: its merges, its cuts, and how it is drawn and written."""
