"""What an extractor is, and what is said of one in the list of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from PIL import Image

from imgcluster.errors import ExtractorError, ParameterError

__all__ = ["Descriptor", "Extractor", "Kind", "Missing", "Parameter", "Value"]

Value = bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What an extractor needs and this computer lacks.

    Attributes
    ----------
    sentence : str
        What is missing.
    command : str
        The one command that brings it, or where a file has to be placed.
    """

    sentence: str
    command: str

    def error(self) -> ExtractorError:
        """Return the error that says so."""
        return ExtractorError(self.sentence, hint=self.command)


class Extractor(Protocol):
    """Turns images into vectors, in two steps: one for worker threads, one for whole batches.

    Attributes
    ----------
    id : str
        Name, version and everything settable that changes the vectors, which are kept in the store under it.
    name, title, good_for : str
        The key, and two texts for the screen; the second completes "good for ...".
    n_features : int
        Length of a vector.
    min_side : int
        Images need not be decoded larger than this (pixels of the shorter side).
    scaling : {"hellinger", "l2", "none"}
        What suits its vectors before they are compared; see `imgcluster.features.scaling`.
    rate : float
        Images per second on two cores, decoding included, until this computer's own speed has been measured.
    load_seconds : float
        About how long `load` takes.
    note : str
        What somebody should know before they choose it, in a sentence; mostly empty.
    tip : str
        What would make it faster on this computer; mostly empty.
    """

    id: str
    name: str
    title: str
    good_for: str
    n_features: int
    min_side: int
    scaling: str
    rate: float
    load_seconds: float
    note: str
    tip: str

    def missing(self) -> Missing | None:
        """Return what this computer lacks for it; quick, and imports nothing slow."""

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Turn one RGB image into what `__call__` takes a stack of; runs in many threads at once."""

    def load(self) -> None:
        """Do what is slow and needed once; called before the first batch."""

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Return (n, n_features) float32 for n stacked results of `prepare`; a row depends on its image alone."""


class Descriptor:
    """Base of the extractors that are no networks: the vector is worked out in `prepare`, in the worker threads."""

    scaling = "hellinger"
    rate = 150.0
    load_seconds = 0.0
    note = ""
    tip = ""

    def missing(self) -> Missing | None:
        """Return None: what a descriptor needs comes with the program."""
        return None

    def load(self) -> None:
        """Do nothing: there is nothing to load."""

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Return the vectors that `prepare` made, (n, n_features) float32."""
        return np.asarray(batch, dtype=np.float32).reshape(len(batch), -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """Something that can be set about an extractor.

    Attributes
    ----------
    name : str
        Keyword argument of the extractor's class.
    title, help : str
        For the screen.
    default : bool, int, float or str
        Its type is the parameter's type.
    low, high : int or float, optional
        Bounds of a number, both included.
    choices : tuple of str
        Allowed values of a text; empty where any text is (such as a file's path).
    """

    name: str
    title: str
    help: str
    default: Value
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def takes_a_file(self) -> bool:
        """Whether it is any text, which is the place of a file."""
        return isinstance(self.default, str) and not self.choices

    def check(self, value: Value, *, extractor: str) -> Value:
        """Return the value in the parameter's type.

        Raises
        ------
        ParameterError
            When it is of another type, out of range or none of the choices.
        """
        kind = type(self.default)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
            raise ParameterError(f"{extractor}: {self.name}={value} should be {words[kind]}.")
        if self.low is not None and not self.low <= value <= self.high:
            raise ParameterError(f"{extractor}: {self.name}={value} should be from {self.low:g} to {self.high:g}.")
        if self.choices and value not in self.choices:
            raise ParameterError(f"{extractor}: {self.name}={value} should be one of {', '.join(self.choices)}.")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """An entry in the list of extractors.

    Attributes
    ----------
    name : str
        For the command line.
    make : callable
        Returns the extractor; takes the parameters as keyword arguments. Quick: nothing is loaded.
    parameters : tuple of Parameter
    space : str
        The space that suits it; see `imgcluster.spaces.options.SPACES`.
    trained : bool
        Whether it learns from the user's own images first: `make` then returns an extractor without weights, which
        says what it is and cannot be called.
    """

    name: str
    make: Callable[..., Any]
    parameters: tuple[Parameter, ...] = ()
    space: str = "diffusion"
    trained: bool = False
