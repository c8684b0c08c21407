"""Names from where the files are and what they are called: a folder, or the same words in all their names."""

import re
from collections.abc import Sequence

import numpy as np

from imgcluster.naming.evidence import Evidence, Explained, explained_groups

__all__ = ["file_evidence", "folder_evidence"]

# What cameras, telephones and programs call folders and files by themselves.
_SAYS_NOTHING = re.compile(
    r"""(\d{3}[a-z_][a-z0-9_]{4} | dcim | camera(\ roll)? | (new|untitled)\ folder(\ \(?\d+\)?)? | desktop | downloads?
    | my\ pictures | pictures? | pics? | photos? | photographs? | images? | imgs? | files? | untitled | scans? | frames?
    | [a-z]{1,2} | _?mg | dsc[a-z]? | cimg | imgp? | pict | pxl | mvimg | gopr | sam | dji | vid | thumb
    | [\d\W_]*)""",
    re.IGNORECASE | re.VERBOSE,
)
_SAYS_NOTHING_AS_FOLDER = re.compile(r"(?!\d+$)(?!\w{1,2}$)" + _SAYS_NOTHING.pattern, re.IGNORECASE | re.VERBOSE)


def folder_evidence(paths: Sequence[str], labels: np.ndarray) -> dict[int, Evidence]:
    """Find the groups that a folder explains: the deepest one that does.

    Parameters
    ----------
    paths : sequence of str, length n_images
        As `ImageFile.path`, with "/".
    labels : ndarray of int, shape (n_images,)
        -1 is in no group.

    Returns
    -------
    dict of int to Evidence
        By label. The longer names have the folders above as well.
    """
    folders = [tuple(path.split("/")[:-1]) for path in paths]
    found: dict[int, Evidence] = {}
    for depth in range(max(map(len, folders), default=0), 0, -1):
        values = [folder[:depth] if len(folder) >= depth else None for folder in folders]
        for label, explained in explained_groups(values, labels).items():
            folder = explained.value
            if label in found or _SAYS_NOTHING_AS_FOLDER.fullmatch(folder[-1]):
                continue
            names = tuple("/".join(folder[start:]) for start in range(depth - 1, -1, -1))
            reason = f'{_so_many(explained)} in the folder "{names[-1]}".'
            found[label] = Evidence(names=names, source="folder", reason=reason)
    return found


def file_evidence(paths: Sequence[str], labels: np.ndarray) -> dict[int, Evidence]:
    """Find the groups whose files' names begin with the same words: "Rome" for "rome-001.jpg", "rome-002.jpg".

    Parameters
    ----------
    paths, labels
        See `folder_evidence`.

    Returns
    -------
    dict of int to Evidence
        By label.
    """
    values = [_words_before_number(path.rpartition("/")[2]) for path in paths]
    found = {}
    for label, explained in explained_groups(values, labels).items():
        if explained.n_group < 2:
            continue
        words = explained.value
        reason = f'{_so_many(explained, "have file names")} that begin with "{words}".'
        found[label] = Evidence(names=(words[0].upper() + words[1:],), source="files", reason=reason)
    return found


def _words_before_number(name: str) -> str | None:
    """Return the words before the number in a file's name, without those at the ends that say nothing; or None."""
    match = re.match(r"\D+(?=\d)", name)
    words = re.split(r"[\W_]+", match[0].casefold()) if match else []
    while words and _SAYS_NOTHING.fullmatch(words[-1]):
        words.pop()
    while words and _SAYS_NOTHING.fullmatch(words[0]):
        words.pop(0)
    return " ".join(words) or None


def _so_many(explained: Explained, what: str = "lie") -> str:
    return f"{explained.n_inside:,} of {explained.n_group:,} pictures {what}"
