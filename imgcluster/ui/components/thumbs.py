"""Thumbnails for all other components: an invisible component that fetches them when the browser asks.

The components of a page name a picture by its index in the collection. The browser keeps what it has seen, and asks
here, in batches, for what it lacks, so no picture is sent twice and none that is not looked at.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from imgcluster.ui.components._shared import event, frame, no_op, source

__all__ = ["LoadThumbnails", "not_sent", "thumb_feed"]

LoadThumbnails = Callable[[Sequence[int]], Sequence[bytes | None]]

_KEY = "imgcluster-thumbs"
_MAX_INDICES = 64  # in one request, as in shared.js
_SENT = "imgcluster-thumbs-sent"  # session state: a collection, and whose pictures of it this browser was given

_component = st.components.v2.component("imgcluster_thumbs", js=source("shared.js", "thumbs.js"))


def thumb_feed(load: LoadThumbnails, *, collection: str, n_images: int) -> None:
    """Serve thumbnails to the map, the gallery and the strips of this page. Call it once per page.

    Runs in a fragment of its own: a request for pictures reruns nothing else.

    Parameters
    ----------
    load : callable
        Takes up to 64 valid indices, returns a JPEG for each, None for a picture that has none (the browser then
        shows a neutral placeholder). Called whenever the browser asks, long after this function has returned.
    collection : str
        Fingerprint of the collection, the same that the other components are given. The browser's cache is keyed by it.
    n_images : int
        Size of the collection; indices outside ``range(n_images)`` are ignored.
    """
    _feed(load, collection, n_images)


def not_sent(collection: str, indices: Sequence[int]) -> list[int]:
    """Return those pictures that this browser was not given yet, 64 at most, and note that it is given them now.

    For components that bring pictures along, so that nobody has to ask. A browser that let go of some asks as usual.
    """
    of, sent = st.session_state.get(_SENT, (None, set()))
    if of != collection:
        sent = set()
        st.session_state[_SENT] = (collection, sent)
    new = [index for index in dict.fromkeys(indices) if index not in sent][:_MAX_INDICES]
    sent.update(new)
    return new


@st.fragment
def _feed(load: LoadThumbnails, collection: str, n_images: int) -> None:
    """Answer the request that caused this run, if one did."""
    request = event(_KEY, "want")
    header: dict[str, object] = {"collection": collection}
    pictures: Sequence[bytes | None] = ()
    if isinstance(request, dict) and request.get("collection") == collection:
        indices = _valid_indices(request.get("indices"), n_images)
        header |= {"indices": indices, "seq": request.get("seq")}
        pictures = load(indices) if indices else ()
        not_sent(collection, indices)
    _component(key=_KEY, data=frame(header, pictures), on_want_change=no_op)


def _valid_indices(value: object, n_images: int) -> list[int]:
    """Keep what is an index of the collection: a browser can send anything."""
    if not isinstance(value, list):
        return []
    return [index for index in value[:_MAX_INDICES] if type(index) is int and 0 <= index < n_images]
