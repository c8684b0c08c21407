"""The document of the figures: text between ``<!-- NAME -->`` and ``<!-- /NAME -->`` is made, all other is written."""

import os
import re
import tempfile
from pathlib import Path

__all__ = ["DocumentError", "sections", "with_section", "write_whole"]

_MARKER = re.compile(r"^<!-- (/?)([a-z_]+) -->$", re.MULTILINE)


class DocumentError(ValueError):
    """The document has no such section, or its markers do not match."""


def sections(text: str) -> dict[str, str]:
    """Return the text between the markers of each section, in order.

    Raises
    ------
    DocumentError
        A section is not closed, or lies in another one, or there are two of a name.
    """
    found: dict[str, str] = {}
    opened: re.Match | None = None
    for marker in _MARKER.finditer(text):
        closes, name = marker.groups()
        if bool(closes) != (opened is not None) or (opened and opened[2] != name) or name in found:
            number = text.count("\n", 0, marker.start()) + 1
            raise DocumentError(f"The marker {marker[0]} in line {number} does not match the one before it.")
        if closes:
            found[name] = text[opened.end() : marker.start()].strip("\n")
            opened = None
        else:
            opened = marker
    if opened is not None:
        raise DocumentError(f"The section {opened[2]} is not closed: <!-- /{opened[2]} --> is missing.")
    return found


def with_section(text: str, name: str, body: str) -> str:
    """Return the document with another text between the markers of one section.

    Raises
    ------
    DocumentError
        There is no such section, or the new text would open or close one.
    """
    if name not in sections(text):
        raise DocumentError(f"There is no section {name}: write <!-- {name} --> and <!-- /{name} --> where it belongs.")
    if _MARKER.search(body):
        raise DocumentError(f"The new text of the section {name} has a marker in it.")
    before, opening, rest = text.partition(f"<!-- {name} -->\n")
    _, closing, after = rest.partition(f"<!-- /{name} -->")
    return f"{before}{opening}\n{body.strip()}\n\n{closing}{after}"


def write_whole(path: Path, text: str) -> None:
    """Write a text file aside and put it in place whole, so that no half of it is ever there."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(aside).chmod(path.stat().st_mode if path.exists() else 0o644)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
