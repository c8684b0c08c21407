"""What can be chosen about the faces."""

from dataclasses import dataclass

from imgcluster.errors import ParameterError
from imgcluster.faces.cropping import DEFAULT_MARGIN, DEFAULT_SIZE
from imgcluster.faces.detecting import DEFAULT_CONFIDENCE, DETECTOR, LEAST_CONFIDENCE

__all__ = ["FaceOptions"]

_MOST_MARGIN = 2.0
_LEAST_SIZE, _MOST_SIZE = 16, 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceOptions:
    """Which faces are taken, and how they are cut out.

    Attributes
    ----------
    min_confidence : float, default 0.9
        Less sure finds are left out; from 0.5 to 1.
    margin : float, default 0.3
        What is kept on each side of a face, as a share of its longer side; from 0 to 2.
    size : int, default 224
        Pixels along each side of a crop, from 16 to 2048.

    Raises
    ------
    ParameterError
        When one of them is out of range.
    """

    min_confidence: float = DEFAULT_CONFIDENCE
    margin: float = DEFAULT_MARGIN
    size: int = DEFAULT_SIZE

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("min_confidence", self.min_confidence, LEAST_CONFIDENCE, 1.0),
            ("margin", self.margin, 0.0, _MOST_MARGIN),
            ("size", self.size, _LEAST_SIZE, _MOST_SIZE),
        ):
            if not low <= value <= high:  # NaN as well
                raise ParameterError(
                    f"{name}={value:g} should be from {low:g} to {high:g}.", hint="Leave it out for the usual value."
                )

    @property
    def text(self) -> str:
        """Everything that changes the crops, for keys."""
        return f"{DETECTOR} {self.min_confidence!r} {self.margin!r} {self.size}"
