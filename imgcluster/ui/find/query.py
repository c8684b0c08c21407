"""What is looked for: a picture of the collection, or new ones from outside.

It is kept while one goes to other screens, and forgotten with the collection (see `imgcluster.ui.state`). The address
of the page names it, so that a reload finds it again, with the work that it began.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.ui.access import hosted
from imgcluster.ui.pictures.uploads import Upload, keep_uploads
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source, folder_source
from imgcluster.ui.typed import typed_folder

__all__ = [
    "ARRIVAL",
    "Query",
    "address_of",
    "ask_path",
    "ask_similar",
    "ask_uploads",
    "current_query",
    "refusal",
    "refuse",
]

ARRIVAL = "arrival"  # session state: which of several new pictures is looked at
_ASKED, _PROBLEM = "asked", "find_problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What somebody looks for; one of the two.

    Attributes
    ----------
    image : int or None
        Index of a picture of the collection.
    arrivals : Source or None
        Where pictures from outside lie: an upload of ours, or a picture, folder or ZIP file of this computer.
    """

    image: int | None = None
    arrivals: Source | None = None


def ask_similar(index: int) -> None:
    """Look for what is like a picture of the collection."""
    _ask(Query(image=index))


def ask_uploads(uploads: Sequence[Upload]) -> None:
    """Keep uploaded or pasted files, and look for what is like them; a refusal is shown on the page."""
    try:
        arrivals = keep_uploads(uploads)
    except ImgClusterError as error:
        refuse(error)
    else:
        _ask_arrivals(arrivals)


def ask_path(typed: str) -> Source | None:
    """Look for what is like the pictures at a path of this computer; None where nothing was typed, or hosted."""
    path = typed_folder(typed)
    if path is None or hosted():
        return None
    arrivals = folder_source(path)
    _ask_arrivals(arrivals)
    return arrivals


def refuse(error: ImgClusterError) -> None:
    """Keep what was wrong with a wish, for the page to show."""
    st.session_state[_PROBLEM] = error


def refusal() -> ImgClusterError | None:
    """Return what was wrong with the last wish, until there is another."""
    return st.session_state.get(_PROBLEM)


def current_query(grouping: Grouping) -> Query | None:
    """Return what this session looks for, or what the address names; None where that is nothing."""
    if _ASKED not in st.session_state:
        st.session_state[_ASKED] = _named(st.query_params.get("q", ""), grouping)
    query = st.session_state[_ASKED]
    if query is None or (query.image is not None and not 0 <= query.image < len(grouping.collection)):
        return None
    return query


def address_of(query: Query | None, grouping: Grouping) -> str | None:
    """Return what stands for a query in the page's address; what visitors of a hosted app look for has none."""
    if query is None or hosted():
        return None
    return query.arrivals.id if query.image is None else f"{_mark(grouping)}-{query.image}"


def _ask(query: Query) -> None:
    st.session_state[_ASKED] = query
    for key in (ARRIVAL, _PROBLEM):
        st.session_state.pop(key, None)


def _ask_arrivals(arrivals: Source) -> None:
    if not hosted():
        _arrivals_by_id()[arrivals.id] = arrivals
    _ask(Query(arrivals=arrivals))


def _named(text: str, grouping: Grouping) -> Query | None:
    if hosted():
        return None
    mark, _, index = text.partition("-")
    # Indices mean other pictures in another collection; ten digits are more than any has.
    if mark == _mark(grouping) and index.isdecimal() and len(index) < 10:
        return Query(image=int(index))
    arrivals = _arrivals_by_id().get(text)
    return Query(arrivals=arrivals) if arrivals is not None else None


def _mark(grouping: Grouping) -> str:
    return grouping.features.fingerprint[:8]


@st.cache_resource(show_spinner=False)
def _arrivals_by_id() -> dict[str, Source]:
    """Return what was asked for since the program was started: an address alone opens no file of this computer."""
    return {}
