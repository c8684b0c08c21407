"""What makes vectors of images: networks and descriptors, each in a module of its own, and the list of them."""
