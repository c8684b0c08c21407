"""Where each image is drawn."""
