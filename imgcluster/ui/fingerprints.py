"""What names a collection. Two folders may hold the same pictures under other names: their features are the same, and
what is made of names, places and dates is not."""

import hashlib

import streamlit as st

from imgcluster.pictures.collection import Collection

__all__ = ["collection_key"]


def collection_key(collection: Collection) -> str:
    """Return what names a collection with the names, places and dates of its files, and those that were skipped."""
    return _kept(collection)[1]


# The collection is kept with its key: as long as it is, no other object has its id.
@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Collection: id})
def _kept(collection: Collection) -> tuple[Collection, str]:
    digest = hashlib.blake2b(collection.name.encode("utf-8", "surrogatepass"), digest_size=16)
    for image in collection.images:
        digest.update(repr((image.path, str(image.source), image.member, image.size, image.mtime_ns)).encode())
    digest.update(repr(collection.skipped).encode())
    return collection, digest.hexdigest()
