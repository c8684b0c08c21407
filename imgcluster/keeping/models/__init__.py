"""Models in files: what is needed to say where a new image belongs."""
