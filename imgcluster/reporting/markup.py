"""Text of all kinds made safe for the page: names of files are somebody else's, and may look like HTML."""

import json
from collections.abc import Sequence
from html import escape

from imgcluster.palette import CLUSTER_COLORS, NOISE_COLOR

__all__ = ["color_class", "color_rules", "json_block", "list_items", "safe", "table"]

# What could end a script element, or a line in some browsers; each may be written so within a JSON string.
_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def safe(text: str) -> str:
    """Return a text as it is written between tags or in a quoted attribute."""
    return escape(text, quote=True)


def json_block(value: object, **attributes: object) -> str:
    """Return a script element with data that only a script reads; ``data_group=3`` becomes ``data-group="3"``.

    Raises
    ------
    ValueError
        A number is not finite.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).translate(_ESCAPED)
    written = "".join(f' {name.replace("_", "-")}="{safe(str(what))}"' for name, what in attributes.items())
    return f'<script type="application/json"{written}>{text}</script>\n'


def color_class(number: int) -> str:
    """Return the class that gives an element the colour of a group, by the group's number from 0 on; -1 is none."""
    return "c-none" if number < 0 else f"c{number % len(CLUSTER_COLORS)}"


def color_rules() -> str:
    """Return the style rules for these classes: with them no element needs a style of its own."""
    rules = [f".{color_class(number)}{{--group:{color}}}" for number, color in enumerate(CLUSTER_COLORS)]
    return "\n".join([*rules, f".{color_class(-1)}{{--group:{NOISE_COLOR}}}"])


def list_items(texts: Sequence[str]) -> str:
    """Return list items, each with one text."""
    return "".join(f"<li>{safe(text)}</li>" for text in texts)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, caption: str) -> str:
    """Return a table of texts; its first column names the rows. A wide one is scrolled sideways."""
    top = "".join(f'<th scope="col">{safe(name)}</th>' for name in header)
    lines = "".join(
        f'<tr><th scope="row">{safe(row[0])}</th>{"".join(f"<td>{safe(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{safe(caption)}"><table>'
        f"<thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>"
    )
