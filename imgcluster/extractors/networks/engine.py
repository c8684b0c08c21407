"""What runs a network: OpenVINO where it can be imported, TensorFlow otherwise.

A network of Keras is converted once and kept in the user's cache, with OpenVINO's own compiled form and the precision
that was found to do. From then on TensorFlow is not imported for it any more.
"""

import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from imgcluster.cache import cache_directory
from imgcluster.errors import ExtractorError, ImgClusterError
from imgcluster.extractors.extractor import Missing
from imgcluster.extractors.networks.choice import FLOAT32, Choice, read_choice, write_choice
from imgcluster.extractors.networks.conversion import FACTS_FILE, convert_network
from imgcluster.extractors.networks.feeding import predict_in_batches
from imgcluster.own_process import in_own_process

__all__ = ["Engine", "expected_precision", "is_converted", "open_engine", "open_tensorflow", "quicker_engine"]

_FORMAT = 1  # raised with whatever changes how networks are converted or judged
_FAILURE = "The network could not be made ready"
_HINT = "Close other programs to free memory, and try again."
_LEFT_SECONDS = 86_400  # as old as that, an unfinished conversion is nobody's any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A network that is ready.

    Attributes
    ----------
    framework : {"openvino", "tensorflow"}
    precision : str
        "f32", "f16", "bf16", or the last two with "x" and how many of the first convolutions are in float32.
    predict : callable
        From (n, side, side, 3) uint8, n at least 1, to (n, n_features) float32; a row depends on its image alone.
    """

    framework: str
    precision: str
    predict: Callable[[np.ndarray], np.ndarray]


def open_engine(name: str, build: Callable[[], Any], *, batch_size: int, precision: str | None = None) -> Engine:
    """Make a network ready: in a second where that was done before, in some ten where it was not.

    Parameters
    ----------
    name : str
        Stands for the network and its weights; the converted network is kept under it.
    build : callable
        Returns the keras.Model, from (n, side, side, 3) uint8 to (n, n_features) float32. It can be pickled, and may be
        called in another process.
    batch_size : int
        How many images TensorFlow is to see at a time.
    precision : str, optional
        One that another computer uses, for vectors that go with its; see `Engine`. This computer's own by default.

    Returns
    -------
    Engine

    Raises
    ------
    ExtractorError
        The network cannot be built: its weights are missing or damaged, or TensorFlow cannot be loaded. Or this
        computer cannot compute in that precision.
    """
    if version := _openvino_version():
        try:
            if engine := _open_converted(build, _directory(name), precision):
                return engine
        except ExtractorError:
            raise
        except (ImgClusterError, MemoryError, OSError):
            pass  # no room for it now
        except Exception:  # an OpenVINO that does not work here, or not for this network; its errors have no one base
            write_choice(_directory(name), Choice(framework="tensorflow", version=version))
    if precision not in (None, FLOAT32):
        raise ExtractorError(
            f"The vectors are to be of the precision {precision}, in which this computer cannot compute.",
            hint="Use computers with processors of one kind, and the same packages on all of them.",
        )
    return open_tensorflow(build, batch_size=batch_size)


def open_tensorflow(build: Callable[[], Any], *, batch_size: int) -> Engine:
    """Make a network ready without OpenVINO, and without keeping anything of it.

    Parameters and errors are those of `open_engine`.
    """
    model = build()
    model.predict_on_batch(np.zeros((batch_size, *model.input_shape[1:]), dtype=np.uint8))
    predict = functools.partial(predict_in_batches, model.predict_on_batch, size=batch_size)
    return Engine(framework="tensorflow", precision=FLOAT32, predict=predict)


def expected_precision(name: str) -> str:
    """Return the precision that `open_engine` came to the last time on this processor, "f32" where it was not called.

    Quick: nothing is imported for it.
    """
    choice = read_choice(_directory(name)) if _openvino_version() else None
    return choice.precision if choice else FLOAT32


def is_converted(name: str) -> bool:
    """Return whether `open_engine` needs no TensorFlow for this network any more."""
    choice = read_choice(_directory(name)) if _openvino_version() else None
    return choice is not None and choice.framework == "openvino"


def quicker_engine() -> Missing | None:
    """Return what would let networks run faster, None where it is there."""
    if _openvino_version():
        return None
    return Missing(
        sentence="With OpenVINO, which is not installed, this would be about four times faster.",
        command="Install it with: pip install openvino",
    )


@functools.cache
def _openvino_version() -> str:
    """Return the version of OpenVINO, nothing where it is not installed; without importing it."""
    if importlib.util.find_spec("openvino") is None:
        return ""
    try:
        return importlib.metadata.version("openvino")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _directory(name: str) -> Path:
    digest = hashlib.blake2b(f"{_FORMAT} {name}".encode(), digest_size=8).hexdigest()
    return cache_directory() / "engines" / f"{re.sub(r'[^A-Za-z0-9]+', '-', name)[:40]}-{digest}"


def _open_converted(build: Callable[[], Any], directory: Path, precision: str | None) -> Engine | None:
    """Return the engine of a converted network, None where TensorFlow suits it better."""
    choice = read_choice(directory)
    if choice and choice.framework != "openvino" and choice.version == _openvino_version():
        return None
    for may_be_damaged in (True, False):
        if not (directory / FACTS_FILE).is_file():
            _convert(build, directory)
        try:
            return _open_or_choose(directory, precision)
        except (ImgClusterError, MemoryError):
            raise
        except Exception:  # whatever damaged files end in
            if not may_be_damaged:
                raise
            shutil.rmtree(directory, ignore_errors=True)
    return None


def _convert(build: Callable[[], Any], directory: Path) -> None:
    """Write the converted network; a half-written one is never found under its final name."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    for left in directory.parent.glob("tmp*"):
        if left.stat().st_mtime < time.time() - _LEFT_SECONDS:  # its process was killed
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, ignore_cleanup_errors=True) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        in_own_process(convert_network, build, made, cancel=None, failure=_FAILURE, hint=_HINT)
        try:
            made.rename(directory)
        except OSError:  # something is there
            if not (directory / FACTS_FILE).is_file():  # nothing that another process has finished meanwhile
                shutil.rmtree(directory, ignore_errors=True)
                made.rename(directory)


def _open_or_choose(directory: Path, precision: str | None) -> Engine | None:
    from imgcluster.extractors.networks.openvino_network import OpenVinoNetwork, can_compute

    version, choice, compiled = _openvino_version(), read_choice(directory), directory / "compiled"
    if choice is None or choice.version != version or not can_compute(choice.precision, device=choice.device):
        shutil.rmtree(compiled, ignore_errors=True)  # of another version
        choice = _choose(directory)
        write_choice(directory, choice)
    if choice.framework != "openvino":
        return None
    if precision not in (None, choice.precision):
        if not can_compute(precision, device=choice.device):
            return None
        choice = replace(choice, precision=precision)
    network = OpenVinoNetwork(directory, precision=choice.precision, device=choice.device, kept=compiled)
    return Engine(framework="openvino", precision=choice.precision, predict=network)


def _choose(directory: Path) -> Choice:
    from imgcluster.extractors.networks.openvino_network import choose_precision

    found = choose_precision(directory)
    # A graphics card is used without being asked for, also where TensorFlow alone sees it.
    sees_card = json.loads((directory / FACTS_FILE).read_text())["graphics_card"]
    if found is None or (sees_card and found.device == "CPU"):
        found = Choice(framework="tensorflow")
    return replace(found, version=_openvino_version())
