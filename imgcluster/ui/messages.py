"""Numbers and errors in the words of the screen."""

import re

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.ui.access import hosted
from imgcluster.wording import counted as count

__all__ = ["PERCENT", "count", "duration", "file_size", "percent", "plain", "public", "show_error", "unbroken"]

PERCENT = "%d\u00a0%%"
"""How sliders write whole numbers that are percentages."""

# What Streamlit makes of text when its Markdown is read already, so that no backslash keeps it from that.
_LINKS_AND_ICONS = re.compile(r"(?<=:)(?=//|material/|[\w+-]+:)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@[\w-])", re.IGNORECASE)
_ARROWS = re.compile(r"(?<!\S)([<>~-])(?=(?:->|[->=-])(?!\S))")
_APART = "\u2060"  # takes no room, and no line ends there
_PLACE = re.compile(r"(?<![\w/.])(?:[A-Za-z]:)?(?:[/\\][^\s/\\'\"]+){2,}")  # an absolute path


def duration(seconds: float) -> str:
    """Return a time as one says it: "a few seconds", "about 3 minutes", "about 1.5 hours"."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 50:
        return f"about {round(seconds, -1):.0f} seconds"
    if seconds < 3300:
        return f"about {count(max(1, round(seconds / 60)), 'minute')}"
    hours = round(seconds / 3600 * 2) / 2
    return f"about {hours:g} hour{'' if hours == 1 else 's'}"


def file_size(size: int) -> str:
    """Return bytes as "4.6 KB", "12 MB", "3.1 GB"."""
    value, unit = (
        (size / 1e9, "GB") if size >= 999.5e6 else (size / 1e6, "MB") if size >= 999.5e3 else (size / 1e3, "KB")
    )
    return f"{value:.0f} {unit}" if value >= 9.95 else f"{value:.1f} {unit}"


def show_error(error: ImgClusterError) -> None:
    """Show what is wrong and what to do next; file names in it stay text."""
    st.error(plain(public(error.hint) or " "), title=plain(public(str(error))), icon=":material/error:")


def public(text: str) -> str:
    """Return text as everybody may read it: hosted, places on the server are nobody's business."""
    return _PLACE.sub("…", text) if hosted() else text


def percent(number: int) -> str:
    """Return "94 %", which no line end takes apart."""
    return f"{number}\u00a0%"


def unbroken(text: str) -> str:
    """Return text in which no percentage is taken apart by the end of a line."""
    return text.replace(" %", "\u00a0%")


def plain(text: str) -> str:
    """Return text (a file name, say) so that Markdown shows it as it is, in one line.

    Neither Markdown in it counts, nor what Streamlit makes of text besides: links, icons, emoji and arrows.
    """
    text = _ARROWS.sub(rf"\1{_APART}", _LINKS_AND_ICONS.sub(_APART, text))
    for character in "\\`*_{}[]<>()#+-.!|$~:&":
        text = text.replace(character, "\\" + character)
    return unbroken(" ".join(text.split()))
