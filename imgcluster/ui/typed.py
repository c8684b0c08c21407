"""What somebody typed as the place of a file or folder."""

import contextlib
from pathlib import Path

__all__ = ["typed_folder"]


def typed_folder(text: str) -> Path | None:
    """Return the absolute path that a text means, with or without quotes; None where nothing was typed."""
    text = text.strip().strip("\"'")
    if not text:
        return None
    path = Path(text)
    with contextlib.suppress(RuntimeError):  # there is no such user
        path = path.expanduser()
    return path.absolute()
