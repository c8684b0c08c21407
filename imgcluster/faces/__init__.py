"""Faces: found in photos, cropped with the eyes level, and kept as a collection of their own.

Each face leads back to its photo. The photos themselves are only read.
"""
