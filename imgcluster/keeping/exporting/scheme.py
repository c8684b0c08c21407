"""What exported files are called: a text with fields, such as "{group}/{name}"."""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass

from imgcluster.errors import ParameterError

__all__ = ["FIELDS", "SCHEMES", "Scheme", "parse_scheme"]

FIELDS: Mapping[str, str] = {
    "group": "the group's name",
    "nr": "the group's number",
    "name": "the file's name with its ending",
    "stem": "the file's name without its ending",
    "ext": "the file's ending, with its dot",
    "path": "the file's name with the folders that it is in",
    "i": "the picture's number within the group",
}
"""What may stand in braces, and what it becomes."""

SCHEMES = ("{group}/{name}", "{group}/{path}", "{group}_{i}{ext}", "{nr}_{group}/{name}")
"""Schemes to choose from: folders by group; those with the old folders below; one folder; folders in order."""

_LONGEST = 200
_WITH_ENDING = ("name", "path", "ext")
_FROM_A_ROOT = re.compile(r"/|~|[A-Za-z]:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A scheme that was found good.

    Attributes
    ----------
    text : str
        As it was written, with "/" between folders.
    pieces : tuple of (str, str or None)
        A text, and the field that follows it; None at the end.
    """

    text: str
    pieces: tuple[tuple[str, str | None], ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the relative path that a picture is to have, with "/".

        Parameters
        ----------
        values : mapping of str to str
            One for each of `FIELDS`.
        """
        return "".join(literal + (values[name] if name is not None else "") for literal, name in self.pieces)

    def before_group(self, values: Mapping[str, str]) -> str | None:
        """Return what stands in that path before the group's name or number, None where neither is in it."""
        before = ""
        for literal, name in self.pieces:
            before += literal
            if name in ("group", "nr"):
                return before
            before += values[name] if name is not None else ""
        return None


def parse_scheme(text: str) -> Scheme:
    """Read a scheme.

    Raises
    ------
    ParameterError
        There is no such field, files would lose their ending, or it leads out of the folder that is exported to.
    """
    text = text.strip().replace("\\", "/")
    if len(text) > _LONGEST:
        raise ParameterError(
            f"The scheme has {len(text)} characters; the limit is {_LONGEST}.", hint="Write a shorter one."
        )
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ParameterError(
            f'The scheme "{text}" cannot be read: {error}.', hint=f"Write for example {SCHEMES[0]}."
        ) from error
    for _, name, spec, conversion in parsed:
        if name is not None and (name not in FIELDS or spec or conversion):
            written = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            raise ParameterError(
                f"The scheme has {{{written}}}, and there is no such field.",
                hint="These are: " + ", ".join(f"{{{field}}}" for field in FIELDS) + ".",
            )
    if _FROM_A_ROOT.match(text) or ".." in text.split("/"):
        raise ParameterError(
            f'The scheme "{text}" leads out of the folder that is exported to.',
            hint=f"Write names of folders within it only, for example {SCHEMES[0]}.",
        )
    if not parsed or parsed[-1][1] not in _WITH_ENDING:
        raise ParameterError(
            f'With the scheme "{text}" the files would lose their endings.',
            hint="Let it end with {name}, {path} or {ext}.",
        )
    return Scheme(text=text, pieces=tuple((literal, name) for literal, name, *_ in parsed))
