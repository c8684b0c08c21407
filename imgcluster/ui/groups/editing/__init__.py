"""Changing the groups by hand: names, merging, splitting, moving, locking; what was done, and what one might do."""
