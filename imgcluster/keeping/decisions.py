"""What the user decided about single pictures, and that should still hold tomorrow: one small file per workspace.

Pictures are named by their content alone: no path is written down, and a renamed or moved file keeps its decisions.
"""

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from imgcluster.cache import DECISIONS_FILE
from imgcluster.errors import FolderError, StoreError
from imgcluster.keeping.writing import write_aside

__all__ = [
    "Decisions",
    "add_fine",
    "add_kept",
    "add_not_same",
    "images_to_keep",
    "load_decisions",
    "pairs_not_same",
    "remove_fine",
    "remove_kept",
    "remove_not_same",
]

_VERSION = 1
# Of all sessions in this process: each change reads what is there, and writes it with its own.
_LOCK = threading.RLock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What the user decided.

    Attributes
    ----------
    not_same : frozenset of (str, str)
        Pairs of contents that are not copies of one picture, whatever they look like; the smaller hash first.
    kept : frozenset of str
        Contents that the user chose to keep among their copies.
    fine : frozenset of (str, str)
        Name of a list, such as "blurred", and content that was on it and is to be there no more.
    """

    not_same: frozenset[tuple[str, str]] = frozenset()
    kept: frozenset[str] = frozenset()
    fine: frozenset[tuple[str, str]] = frozenset()


def load_decisions(directory: Path) -> Decisions:
    """Return what was decided in a workspace.

    A file that is damaged is renamed, not deleted, and nothing counts as decided.

    Parameters
    ----------
    directory : Path
        Of the workspace.

    Raises
    ------
    StoreError
        The file cannot be read, or a newer version of this program wrote it.
    """
    with _LOCK:
        path = Path(directory) / DECISIONS_FILE
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return Decisions()
        except OSError as error:
            raise _failure(path, error) from error
        try:
            return _parse(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            _set_aside(path)
            return Decisions()


def add_not_same(directory: Path, first: str, second: str) -> Decisions:
    """Remember that two contents are not copies of one picture, and return all decisions.

    Two equal hashes are one content, of which nothing is remembered.

    Raises
    ------
    StoreError
        The file cannot be read or written.
    """
    new = {_pair(first, second)} if first != second else set()
    return _change(directory, lambda old: replace(old, not_same=old.not_same | new))


def remove_not_same(directory: Path, first: str, second: str) -> Decisions:
    """Forget that two contents are not the same, and return all decisions; see `add_not_same`."""
    return _change(directory, lambda old: replace(old, not_same=old.not_same - {_pair(first, second)}))


def add_kept(directory: Path, content: str, *, instead_of: Iterable[str] = ()) -> Decisions:
    """Remember that a content is to be kept, instead of others that no longer are, and return all decisions.

    Raises
    ------
    StoreError
        The file cannot be read or written.
    """
    others = frozenset(instead_of)
    return _change(directory, lambda old: replace(old, kept=old.kept - others | {content}))


def remove_kept(directory: Path, content: str) -> Decisions:
    """Leave it to the program again whether a content is kept, and return all decisions; see `add_kept`."""
    return _change(directory, lambda old: replace(old, kept=old.kept - {content}))


def add_fine(directory: Path, name: str, content: str) -> Decisions:
    """Remember that a content on a list of suspects is fine, and return all decisions.

    Parameters
    ----------
    directory : Path
    name : str
        Of the list.
    content : str

    Raises
    ------
    StoreError
        The file cannot be read or written.
    """
    return _change(directory, lambda old: replace(old, fine=old.fine | {(name, content)}))


def remove_fine(directory: Path, name: str, content: str) -> Decisions:
    """Put a content on its list of suspects again, and return all decisions; see `add_fine`."""
    return _change(directory, lambda old: replace(old, fine=old.fine - {(name, content)}))


def pairs_not_same(decisions: Decisions, hashes: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return the pairs of a collection's images that are not the same, each content by its first image, ascending.

    Parameters
    ----------
    decisions : Decisions
    hashes : sequence of str, length n_images
        The images' contents.

    Returns
    -------
    tuple of (int, int)
        For `imgcluster.finding.copies.groups.group_copies`; pairs of which one is not in the collection are left out.
    """
    first = {key: image for image, key in reversed(list(enumerate(hashes)))}
    found = ((first[a], first[b]) for a, b in decisions.not_same if a in first and b in first)
    return tuple(sorted((min(pair), max(pair)) for pair in found))


def images_to_keep(decisions: Decisions, hashes: Sequence[str]) -> frozenset[int]:
    """Return the images that the user chose to keep; of several files with the same content, the first."""
    first = {key: image for image, key in reversed(list(enumerate(hashes)))}
    return frozenset(first[key] for key in decisions.kept if key in first)


def _pair(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first <= second else (second, first)


def _change(directory: Path, change: Callable[[Decisions], Decisions]) -> Decisions:
    with _LOCK:
        old = load_decisions(directory)
        new = change(old)
        if new != old:
            _write(Path(directory) / DECISIONS_FILE, new)
        return new


def _write(path: Path, decisions: Decisions) -> None:
    content = {
        "version": _VERSION,
        "not_same": sorted(decisions.not_same),
        "kept": sorted(decisions.kept),
        "fine": sorted(decisions.fine),
    }
    text = json.dumps(content, indent=1).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_aside(path, lambda file: file.write(text))
    except (OSError, FolderError) as error:
        raise _failure(path, error.__cause__ or error) from error


def _parse(content: dict[str, object]) -> Decisions:
    if content["version"] != _VERSION:
        if isinstance(content["version"], int) and content["version"] > _VERSION:
            raise StoreError(
                "A newer version of this program wrote down what was decided about pictures.",
                hint="Use the newer version.",
            )
        raise ValueError("no known version")
    return Decisions(
        not_same=frozenset(_pair(*_texts(pair, 2)) for pair in content["not_same"]),
        kept=frozenset(_texts(content["kept"])),
        fine=frozenset(_texts(pair, 2) for pair in content["fine"]),
    )


def _texts(values: object, length: int | None = None) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError("not a list of texts")
    if length is not None and len(values) != length:
        raise ValueError("another length")
    return tuple(values)


def _set_aside(path: Path) -> None:
    stamp = time.strftime("%Y-%m-%d-%H%M%S")
    kept = path.with_name(f"{path.name}.set-aside-{stamp}-{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):  # another process was quicker
        try:
            path.rename(kept)
        except OSError as error:
            raise _failure(path, error) from error


def _failure(path: Path, error: BaseException) -> StoreError:
    reason = getattr(error, "strerror", None) or str(error)
    return StoreError(
        f"What was decided about pictures cannot be kept in {path.parent}: {reason}.",
        hint="Make room or check the permissions, or choose another place with the variable IMGCLUSTER_CACHE.",
    )
