"""Where a new picture belongs: the part of a clustering that says so, and what it says."""
