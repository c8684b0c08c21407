"""Names proposed for groups: by what their images show, and the folders, days and cameras that they are of."""
