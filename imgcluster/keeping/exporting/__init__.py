"""Groups as folders: planned, written, and taken back without a trace; or the same as one ZIP file."""
