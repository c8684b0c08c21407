"""What should count as similar: one extractor or several, what is done to the images first, or vectors from elsewhere.

All of it has one text, for the command line, the address of a page and the keys of what is kept:
``hog(cell=8)+colour:0.3|grayscale``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from imgcluster.errors import ParameterError
from imgcluster.extractors.extractor import Extractor, Value
from imgcluster.extractors.preprocessing import Preprocessing, parse_preprocessing, preprocessed
from imgcluster.extractors.registry import DEFAULT_EXTRACTOR, check_parameters, get_extractor, kind_named

__all__ = ["ALIASES", "FeatureOptions", "FeaturePart", "parse_features", "suiting_space"]

ALIASES = {
    "network": DEFAULT_EXTRACTOR,
    "quick": DEFAULT_EXTRACTOR,
    "thorough": "efficientnet_lite0+efficientnet_lite2",
}
MAX_PARTS = 4

_PART = re.compile(r'\s*([\w-]+)(?:\(((?:[^()"]|"[^"]*")*)\))?(?::([\d.]+(?:e-\d+)?))?\s*')
_ARGUMENT = re.compile(r'\s*(\w+)\s*=\s*("(?:[^"]|"")*"|[^,"]*)\s*(?:,|$)')  # a quote within quotes is doubled


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturePart:
    """One extractor of those that are combined.

    Attributes
    ----------
    name : str
        See `imgcluster.extractors.registry.available_kinds`.
    parameters : tuple of (str, value)
        Those that differ from the defaults.
    weight : float, default 1
        Above 0, at most 100. Squared distances of the parts are added, each multiplied by its weight.

    Raises
    ------
    ExtractorError
        There is no extractor of this name.
    ParameterError
        A parameter or the weight makes no sense.
    """

    name: str = DEFAULT_EXTRACTOR
    parameters: tuple[tuple[str, Value], ...] = ()
    weight: float = 1.0

    def __post_init__(self) -> None:
        kind = kind_named(self.name)
        object.__setattr__(self, "name", kind.name)  # one name, however it was written
        object.__setattr__(self, "parameters", tuple(check_parameters(kind, dict(self.parameters)).items()))
        if not 0 < self.weight <= 100:
            raise ParameterError(f"{self.name}: the weight {self.weight:g} should be above 0 and at most 100.")
        self.extractor()  # it may refuse parameters that make no sense together

    @property
    def text(self) -> str:
        """Name, parameters and weight as one text."""
        arguments = ",".join(f"{name}={_as_text(value)}" for name, value in self.parameters)
        weight = "" if self.weight == 1 else f":{self.weight_text}"
        return self.name + (f"({arguments})" if arguments else "") + weight

    @property
    def weight_text(self) -> str:
        """The weight to the last digit, so that two different ones never look the same."""
        return repr(float(self.weight)).removesuffix(".0")

    def extractor(self) -> Extractor:
        """Return the extractor with its parameters."""
        return get_extractor(self.name, **dict(self.parameters))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureOptions:
    """What should count as similar. The default is the built-in network.

    Attributes
    ----------
    parts : tuple of FeaturePart
        One to four; several are combined.
    preprocessing : Preprocessing
        What is done to every image first.
    vectors : str, default ""
        A file with vectors made elsewhere, one row per image; see `imgcluster.features.outside`. They take the place of
        ``parts`` and ``preprocessing``, which then become the default.

    Raises
    ------
    ParameterError
        No part, too many, or the same one twice.
    """

    parts: tuple[FeaturePart, ...] = (FeaturePart(),)
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    vectors: str = ""

    def __post_init__(self) -> None:
        if self.vectors:
            object.__setattr__(self, "parts", (FeaturePart(),))
            object.__setattr__(self, "preprocessing", Preprocessing())
        if not 1 <= len(self.parts) <= MAX_PARTS:
            raise ParameterError(f"{len(self.parts)} extractors should be from 1 to {MAX_PARTS}.")
        names = [replace(part, weight=1.0).text for part in self.parts]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ParameterError(f"{twice} is named twice.", hint="Give it a larger weight instead.")
        if len(self.parts) == 1 and self.parts[0].weight != 1:
            object.__setattr__(self, "parts", (replace(self.parts[0], weight=1.0),))

    @property
    def text(self) -> str:
        """Everything as one text, which `parse_features` reads."""
        if self.vectors:
            return f"vectors={self.vectors}"
        steps = self.preprocessing.text
        return "+".join(part.text for part in self.parts) + (f"|{steps}" if steps else "")

    @property
    def title(self) -> str:
        """The same for people: the names of the extractors."""
        if self.vectors:
            return "Vectors from elsewhere"
        return " + ".join(part.extractor().title for part in self.parts)

    @property
    def names_a_file(self) -> bool:
        """Whether a file of this computer is to be opened: vectors, or the weights of a network."""
        if self.vectors:
            return True
        files = [{each.name for each in kind_named(part.name).parameters if each.takes_a_file} for part in self.parts]
        return any(names & dict(part.parameters).keys() for names, part in zip(files, self.parts, strict=True))

    def extractors(self) -> tuple[Extractor, ...]:
        """Return the extractors, each with its preprocessing."""
        return tuple(preprocessed(part.extractor(), self.preprocessing) for part in self.parts)


def parse_features(text: str) -> FeatureOptions:
    """Read what should count as similar from a text.

    Parameters
    ----------
    text : str
        Extractors joined by ``+``, each ``name``, ``name(parameter=value,...)`` and ``:weight`` where it is not 1;
        then, after ``|``, the preprocessing. ``quick``, ``network`` and ``thorough`` stand for what `ALIASES` says.
        Texts other than plain words are in double quotes, with a quote in them doubled. Or ``vectors=`` and a file.

    Returns
    -------
    FeatureOptions

    Raises
    ------
    ParameterError, ExtractorError
        When it is no such text, or names what there is not.

    Examples
    --------
    >>> parse_features("network+colour:0.3|grayscale").text
    'efficientnet_lite0+colour:0.3|grayscale'
    """
    text = text.lstrip()
    if text.startswith("vectors="):
        path = text.removeprefix("vectors=")  # exactly as it is: a file's name may end with a space
        if not path.strip():
            raise ParameterError("vectors= names no file.", hint="Write it like vectors=clip.npz.")
        return FeatureOptions(vectors=path)
    parts: list[FeaturePart] = []
    at, end = 0, "+"
    while end == "+":
        match = _PART.match(text, at)
        if not match:
            raise _unreadable(text)
        parts += _parts(match, text)
        at, end = match.end() + 1, text[match.end() : match.end() + 1]
    if end not in ("", "|"):
        raise _unreadable(text)
    return FeatureOptions(parts=tuple(parts), preprocessing=parse_preprocessing(text[at:]))


def suiting_space(options: FeatureOptions) -> str:
    """Return the name of the space that suits the extractor; of several combined, the usual one."""
    if options.vectors or len(options.parts) > 1:
        return "diffusion"
    return kind_named(options.parts[0].name).space


def _parts(match: re.Match[str], whole: str) -> list[FeaturePart]:
    """Return what one name stands for: one part, or those of an alias, each with the parameters and the weight."""
    name, arguments, weight = match.groups()
    try:
        weight = float(weight or 1)
    except ValueError as error:
        raise _unreadable(whole) from error
    parameters = tuple(_arguments(arguments or "", whole).items())
    return [FeaturePart(name=each, parameters=parameters, weight=weight) for each in ALIASES.get(name, name).split("+")]


def _arguments(text: str, whole: str) -> Mapping[str, Value]:
    found, at = {}, 0
    while at < len(text):
        match = _ARGUMENT.match(text, at)
        if not match:
            raise _unreadable(whole)
        if match[1] in found:
            raise ParameterError(f"{match[1]} is given twice in {whole!r}.", hint="Leave one of them out.")
        found[match[1]] = _as_value(match[2])
        at = match.end()
    return found


def _as_value(text: str) -> Value:
    if text.startswith('"'):
        return text[1:-1].replace('""', '"')
    text = text.strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _as_text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return repr(value)
    is_plain = re.fullmatch(r"[A-Za-z][\w-]*", value) and _as_value(value) == value  # "true" and "inf" are no texts
    return value if is_plain else '"' + value.replace('"', '""') + '"'


def _unreadable(text: str) -> ParameterError:
    return ParameterError(
        f"{text!r} names no extractors.", hint="Write it like hog, hog(cell=8), or network+colour:0.3."
    )
