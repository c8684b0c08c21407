"""The folders opened last, so that tomorrow is one click away. Names and places only, kept in the cache directory."""

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["MAX_RECENTS", "Recent", "load_recents", "remember"]

MAX_RECENTS = 12
_FILE = "recents.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """One folder or ZIP file that was opened before.

    Attributes
    ----------
    location : str
        Absolute path.
    n_images : int
        How many images it held when it was grouped last; 0 when it never was.
    n_clusters : int
        The number of clusters chosen last; 0 when none was.
    """

    location: str
    n_images: int = 0
    n_clusters: int = 0

    @property
    def id(self) -> str:
        """A short name for links: the same place has the same one, and it does not tell the place."""
        return hashlib.blake2b(os.fsencode(self.location), digest_size=6).hexdigest()

    @property
    def name(self) -> str:
        """The folder's own name."""
        return Path(self.location).name or self.location


def load_recents(directory: Path) -> tuple[Recent, ...]:
    """Return what was opened before, newest first; a missing or damaged list is an empty one."""
    try:
        entries = json.loads((directory / _FILE).read_text(encoding="utf-8"))
        return tuple(_parse(entry) for entry in entries[:MAX_RECENTS])
    except (OSError, ValueError, TypeError, KeyError):
        return ()


def remember(directory: Path, recent: Recent) -> None:
    """Put a place at the head of the list; one with the same location is replaced."""
    others = [other for other in load_recents(directory) if other.location != recent.location]
    entries = [asdict(entry) for entry in (recent, *others)][:MAX_RECENTS]
    # A surrogate stands for a byte of a file name that is not UTF-8; JSON escapes it and brings it back.
    text = json.dumps(entries, indent=1, ensure_ascii=True)
    handle, temporary = tempfile.mkstemp(dir=directory, prefix=_FILE)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(directory / _FILE)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _parse(entry: dict[str, object]) -> Recent:
    location, n_images, n_clusters = entry["location"], entry["n_images"], entry["n_clusters"]
    if not (isinstance(location, str) and isinstance(n_images, int) and isinstance(n_clusters, int)):
        raise TypeError(f"not a recent folder: {entry!r}")
    return Recent(location=location, n_images=n_images, n_clusters=n_clusters)
