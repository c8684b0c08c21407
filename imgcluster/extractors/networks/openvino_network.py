"""Networks run by OpenVINO: in the coarsest numbers that leave their vectors what they are."""

import os
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from imgcluster.extractors.networks.choice import Choice
from imgcluster.extractors.networks.conversion import NETWORK_FILE, REFERENCE_FILE, probe_images

__all__ = ["SMALLEST_COSINE", "OpenVinoNetwork", "can_compute", "choose_precision", "lowest_cosine"]

SMALLEST_COSINE = 0.9995
"""What the vectors of every probe have at least, between the chosen precision and Keras' own float32.

The lowest of 400 photographs was found by 0.0001 to 0.0004 below the lowest probe, so that theirs is 0.999 at least.
"""

# OpenVINO's names of what a processor computes with, quickest first.
_HALF = (("FP16", "f16"), ("BF16", "bf16"))
# How many of the first convolutions may stay in float32. What is rounded there goes through all that follows, and of
# EfficientNet-Lite0's deviation in bfloat16 the first two make the half, for a tenth of the work.
_KEPT = (0, 2, 6, 12)
_CONVOLUTIONS = ("Convolution", "GroupConvolution", "MatMul")
_NO_WORK = ("Const", "Parameter", "Result")


class OpenVinoNetwork:
    """A compiled network; one call at a time goes through it, on all cores.

    Parameters
    ----------
    directory : Path
        As `imgcluster.extractors.networks.conversion.convert_network` leaves it.
    precision : str
        "f32", "f16" or "bf16"; with "x" and a number after it, so many first convolutions are in float32.
    device : {"CPU", "GPU"}
    kept : Path, optional
        Where the compiled form is kept, so that the next time is quicker; nowhere by default.

    Raises
    ------
    RuntimeError, OSError, ...
        The files are damaged, or this processor cannot do that.
    """

    def __init__(self, directory: Path, *, precision: str, device: str, kept: Path | None = None) -> None:
        import openvino

        core = openvino.Core()
        kind, _, n_kept = precision.partition("x")
        described = _described(directory, int(n_kept)) if n_kept else directory / NETWORK_FILE
        model = core.read_model(described, (directory / NETWORK_FILE).with_suffix(".bin"))
        _, height, width, channels = model.inputs[0].partial_shape
        model.reshape([1, height, width, channels])  # one image at a time: the same bits whatever comes with it
        hints = {"INFERENCE_PRECISION_HINT": kind, "PERFORMANCE_HINT": "THROUGHPUT"}
        if kept is not None:
            hints["CACHE_DIR"] = str(kept)
        if device == "CPU":
            hints["ENABLE_CPU_PINNING"] = False  # the threads that decode want the same cores
        compiled = core.compile_model(model, device, hints)
        self.n_features = int(compiled.outputs[0].partial_shape[1].get_length())
        self._queue = openvino.AsyncInferQueue(compiled)
        self._queue.set_callback(_keep_row)
        self._one_at_a_time = threading.Lock()

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the vectors of images, (n, n_features) float32, each the same to the last bit in any company.

        Parameters
        ----------
        images : ndarray of shape (n, side, side, 3), uint8
        """
        vectors = np.empty((len(images), self.n_features), dtype=np.float32)
        with self._one_at_a_time:
            for image, row in zip(images, vectors, strict=True):
                self._queue.start_async({0: image[np.newaxis]}, row)
            self._queue.wait_all()
        return vectors


def _keep_row(request: Any, row: np.ndarray) -> None:
    row[:] = request.get_output_tensor(0).data[0]


def choose_precision(directory: Path) -> Choice | None:
    """Try precisions from the quickest on, and return the first whose vectors are what Keras makes of the probes.

    None when not even float32 does: the network was converted wrongly.
    """
    import openvino

    core = openvino.Core()
    reference = np.load(directory / REFERENCE_FILE, allow_pickle=False)
    probes = probe_images(core.read_model(directory / NETWORK_FILE).inputs[0].partial_shape[1].get_length())
    for device, precision in _ways(core):
        try:
            network = OpenVinoNetwork(directory, precision=precision, device=device)
            cosine = lowest_cosine(network(probes), reference)
        except RuntimeError:  # not on this processor, or a graphics card whose driver does not work
            continue
        if cosine >= SMALLEST_COSINE:
            return Choice(framework="openvino", precision=precision, device=device, cosine=cosine)
    return None


def _ways(core: Any) -> Iterator[tuple[str, str]]:
    """Return devices and what they compute in, those first that are to be tried first."""
    has_card = any(name.startswith("GPU") for name in core.available_devices)
    for device in ("GPU", "CPU") if has_card else ("CPU",):
        for precision in _precisions(_capabilities(core, device)):
            yield device, precision


def _capabilities(core: Any, device: str) -> list[str]:
    try:
        return core.get_property(device, "OPTIMIZATION_CAPABILITIES")
    except RuntimeError:  # there is none, or its driver does not work
        return []


def can_compute(precision: str, *, device: str) -> bool:
    """Return whether a device computes in a precision of `OpenVinoNetwork`; others would be replaced without a word."""
    import openvino

    return precision in _precisions(_capabilities(openvino.Core(), device))


def lowest_cosine(vectors: np.ndarray, reference: np.ndarray) -> float:
    """Return the lowest cosine between rows of the same number; two rows of zeros are alike, and NaN like nothing."""
    vectors, reference = vectors.astype(np.float64), reference.astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(reference, axis=1)
    same = (vectors == reference).all(axis=1)
    cosines = np.where(same, 1.0, (vectors * reference).sum(axis=1) / np.where(lengths > 0, lengths, np.inf))
    return float(np.nan_to_num(cosines, nan=-1.0).min())


def _precisions(capabilities: list[str]) -> Iterator[str]:
    for capability, name in _HALF:
        if capability in capabilities:
            yield from (f"{name}x{n_kept}" if n_kept else name for n_kept in _KEPT)
    yield "f32"


def _described(directory: Path, n_kept: int) -> Path:
    """Return the file that describes the network with so many first convolutions in float32; written once."""
    path = directory / f"network-x{n_kept}.xml"
    if not path.is_file():
        unfinished = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        unfinished.write_bytes(_with_float32_start((directory / NETWORK_FILE).read_bytes(), n_kept))
        unfinished.replace(path)
    return path


def _with_float32_start(described: bytes, n_kept: int) -> bytes:
    """Mark all that is done before the convolution after the first ``n_kept`` as not to be rounded.

    OpenVINO's runtime attribute "precise" (its class DisableFP16Compression) says that of a layer; its files list the
    layers in the order in which they are run.
    """
    root = ElementTree.fromstring(described)
    n_seen = 0
    for layer in root.iter("layer"):
        n_seen += layer.get("type") in _CONVOLUTIONS
        if n_seen > n_kept:
            break
        if layer.get("type") not in _NO_WORK:
            told = layer.find("rt_info")
            told = ElementTree.SubElement(layer, "rt_info") if told is None else told
            ElementTree.SubElement(told, "attribute", name="precise", version="0")
    return ElementTree.tostring(root)
