"""What all extractors that are neural networks share: how they are made ready, and what their vectors are called."""

import re
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from imgcluster.errors import ExtractorError
from imgcluster.extractors.extractor import Missing
from imgcluster.extractors.networks.choice import FLOAT32
from imgcluster.extractors.networks.engine import (
    Engine,
    expected_precision,
    is_converted,
    open_engine,
    quicker_engine,
)

__all__ = ["Network", "precision_of", "without_precision"]

_OPEN_SECONDS = 2.0  # of a network that was converted before


class Network:
    """Base of the extractors that are networks. Each says what it is by `base_id` and is built by `builder`.

    Attributes
    ----------
    id : str
        The `base_id`, and after "@" the precision where that is not float32: vectors of different precision are never
        mixed in the store. Until the network was made ready for the first time on a computer, float32 is expected.
    batch_size : int
        How many images are seen at a time.
    precision : str or None
        The only one that will do; None where any is good whose vectors were found to be near enough to float32's.
    """

    scaling = "hellinger"
    note = ""
    batch_size = 32
    precision: str | None = None

    def __init__(self, *, load_seconds: float) -> None:
        self._load_seconds = load_seconds
        self._loading = threading.Lock()
        self._engine: Engine | None = None
        self._loaded = ""

    @property
    def base_id(self) -> str:
        """Name, version and everything that changes the vectors, but for the precision."""
        raise NotImplementedError

    def builder(self) -> Callable[[], Any]:
        """Return what builds the keras.Model, uint8 to float32; it can be pickled."""
        raise NotImplementedError

    def missing(self) -> Missing | None:
        """Return what this computer lacks for it."""
        raise NotImplementedError

    @property
    def id(self) -> str:
        """See the class."""
        base, engine = self.base_id, self._engine
        is_loaded = engine is not None and self._loaded == base
        precision = engine.precision if is_loaded else self.precision or expected_precision(base)
        return base if precision == FLOAT32 else f"{base}@{precision}"

    @property
    def load_seconds(self) -> float:
        """About how long `load` takes."""
        return _OPEN_SECONDS if is_converted(self.base_id) else self._load_seconds

    @property
    def tip(self) -> str:
        """What would make it faster on this computer."""
        lack = quicker_engine()
        return f"{lack.sentence} {lack.command}" if lack else ""

    def load(self) -> None:
        """Make the network ready, unless that was done.

        Raises
        ------
        ExtractorError
            Its weights are missing or damaged, or what runs it cannot be loaded.
        """
        with self._loading:
            wanted = self.base_id
            if self._loaded == wanted:
                return
            if lack := self.missing():
                raise lack.error()
            self._engine = self._opened(wanted, self.precision)
            self._loaded = wanted

    def load_in(self, precision: str) -> None:
        """Make the network ready in the precision of another computer, whose vectors its own are to go with.

        Raises
        ------
        ExtractorError
            As `load`; or this computer cannot compute in that precision.
        """
        self.load()
        with self._loading:
            if self._engine.precision != precision:
                self._engine = self._opened(self._loaded, precision)

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Return the features of prepared images.

        Parameters
        ----------
        batch : ndarray of shape (n, side, side, 3), uint8

        Returns
        -------
        ndarray of shape (n, n_features), float32

        Raises
        ------
        ExtractorError
            As `load`; or there is too little memory.
        """
        self.load()
        try:
            return self._engine.predict(batch)
        except (MemoryError, RuntimeError) as error:  # OpenVINO's of whatever goes wrong
            raise ExtractorError(
                f"The network failed at {len(batch)} pictures, perhaps for lack of memory.",
                hint="Close other programs to free memory, and try again.",
            ) from error

    def _opened(self, name: str, precision: str | None) -> Engine:
        return open_engine(name, self.builder(), batch_size=self.batch_size, precision=precision)


def precision_of(extractor_id: str) -> str:
    """Return the precision in a network's id, "f32" where there is none."""
    found = re.search(r"@([a-z0-9]+)", extractor_id)
    return found[1] if found else FLOAT32


def without_precision(extractor_id: str) -> str:
    """Return an extractor's id, or that of several, without the precisions: what may be compared across computers.

    Photographs' vectors of any precision that is used have a cosine to those of float32 of 0.999 at least.
    """
    return re.sub(r"@[a-z0-9]+", "", extractor_id)
