"""The list of recent folders that earlier versions kept, which the library makes projects of."""

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

__all__ = ["RECENTS_FILE", "OldFolder", "old_folders", "set_recents_aside"]

RECENTS_FILE = "recents.json"

_MOST = 12
_LONGEST_LOCATION, _MOST_CLUSTERS = 4096, 10_000
_LARGEST = 2**20  # of the file, in bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFolder:
    """A folder or ZIP file that was opened with an earlier version.

    Attributes
    ----------
    id : str
        12 hexadecimal digits, as they stood in the addresses of pages: old links still lead there.
    location : str
    n_clusters : int
        0 where none were chosen.
    opened : str
        About when: in the order of the list, the newest when the list was written last. ISO 8601 in UTC.
    """

    id: str
    location: str
    n_clusters: int
    opened: str


def old_folders(directory: Path) -> tuple[OldFolder, ...]:
    """Return what is in the list, newest first; nothing where it is missing or damaged."""
    path = directory / RECENTS_FILE
    try:
        with path.open("rb") as file:
            entries = json.loads(file.read(_LARGEST))
            written = datetime.fromtimestamp(int(os.fstat(file.fileno()).st_mtime), tz=UTC)
        return tuple(
            _parse(entry, (written - timedelta(seconds=place)).isoformat())
            for place, entry in enumerate(entries[:_MOST])
        )
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return ()


def set_recents_aside(directory: Path) -> None:
    """Rename the list, so that it is not read again."""
    path = directory / RECENTS_FILE
    path.replace(path.with_name(f"{RECENTS_FILE}.migrated"))


def _parse(entry: dict[str, object], opened: str) -> OldFolder:
    location, n_clusters = entry["location"], entry.get("n_clusters", 0)
    if not isinstance(location, str) or not 0 < len(location) <= _LONGEST_LOCATION or "\0" in location:
        raise ValueError("this is no place")
    if type(n_clusters) is not int or not 0 <= n_clusters <= _MOST_CLUSTERS:
        raise ValueError("this is no number of groups")
    digest = hashlib.blake2b(os.fsencode(location), digest_size=6).hexdigest()
    return OldFolder(id=digest, location=location, n_clusters=n_clusters, opened=opened)
