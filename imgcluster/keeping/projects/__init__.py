"""Projects: what was chosen and changed for a collection, in files of one's own and in one to be sent."""
