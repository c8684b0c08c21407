"""The list of extractors."""

import functools
from collections.abc import Mapping

from imgcluster.errors import ExtractorError, ParameterError
from imgcluster.extractors import autoencoder, colour, hashes, hog, pixels, texture
from imgcluster.extractors.extractor import Extractor, Kind, Value
from imgcluster.extractors.networks import applications, efficientnet

__all__ = ["DEFAULT_EXTRACTOR", "available_kinds", "check_parameters", "get_extractor", "kind_named"]

DEFAULT_EXTRACTOR = efficientnet.LITE0.name

_MODULES = (efficientnet, hog, pixels, colour, texture, hashes, autoencoder, applications)
_KINDS = {kind.name: kind for module in _MODULES for kind in module.KINDS}


def available_kinds() -> tuple[Kind, ...]:
    """Return all kinds of extractors, the default first. None of them is loaded by this."""
    return tuple(_KINDS.values())


def kind_named(name: str) -> Kind:
    """Return the entry of that name.

    Raises
    ------
    ExtractorError
        There is none of that name; the hint lists those that there are.
    """
    if kind := _KINDS.get(name) or applications.kind_of_application(name):
        return kind
    raise ExtractorError(f"There is no extractor named {name!r}.", hint=f"Choose one of: {', '.join(_KINDS)}.")


def check_parameters(kind: Kind, given: Mapping[str, Value]) -> dict[str, Value]:
    """Return those of the given parameters that differ from the defaults, checked, in the order of the kind's own.

    Raises
    ------
    ParameterError
        When the kind has no such parameter, or not with this value.
    """
    known = {parameter.name: parameter for parameter in kind.parameters}
    for name in given:
        if name not in known:
            hint = f"It can be told: {', '.join(known)}." if known else "Nothing can be set about it."
            raise ParameterError(f"{kind.name} has no parameter {name!r}.", hint=hint)
    checked = {name: each.check(given[name], extractor=kind.name) for name, each in known.items() if name in given}
    return {name: value for name, value in checked.items() if value != known[name].default}


def get_extractor(name: str, **parameters: Value) -> Extractor:
    """Return the extractor of that name, always the same object for the same parameters: a network is loaded once.

    Raises
    ------
    ExtractorError
        There is none of that name.
    ParameterError
        A parameter is unknown or out of range.
    """
    kind = kind_named(name)
    return _made(kind, tuple(check_parameters(kind, parameters).items()))


@functools.cache
def _made(kind: Kind, parameters: tuple[tuple[str, Value], ...]) -> Extractor:
    return kind.make(**dict(parameters))
