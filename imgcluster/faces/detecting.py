"""Where the faces of a picture are: the cascade of three small networks of the package mtcnn."""

import functools
import importlib.resources
import importlib.util
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from imgcluster.extractors.extractor import Missing
from imgcluster.extractors.networks.keras_backend import import_keras

__all__ = ["DEFAULT_CONFIDENCE", "DETECTOR", "LEAST_CONFIDENCE", "SECONDS_PER_PHOTO", "Face", "detect_faces"]
__all__ += ["faces_missing"]

DETECTOR = "mtcnn-1"
"""Names what finds the faces; another one is asked anew."""

DEFAULT_CONFIDENCE = 0.9
"""Less sure finds are left out unless the caller says otherwise."""

LEAST_CONFIDENCE = 0.5
"""Nothing below it is ever taken for a face."""

SECONDS_PER_PHOTO = 0.3
"""What finding takes on two cores, to say beforehand how long it will be."""

_LONGEST_SIDE = 1024
_LEAST_SIDE = 24

_lock = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One face, in pixels of the picture from its upper left corner.

    Attributes
    ----------
    x, y, width, height : float
        The box around it, within the picture.
    confidence : float
        How sure the detector is, in [0, 1].
    left_eye, right_eye : tuple of two floats
        (x, y); left and right as one sees them in the picture.
    """

    x: float
    y: float
    width: float
    height: float
    confidence: float
    left_eye: tuple[float, float]
    right_eye: tuple[float, float]

    def scaled(self, across: float, down: float) -> "Face":
        """Return the face in the same picture at another size: ``across`` times as wide, ``down`` times as high."""
        return Face(
            x=self.x * across,
            y=self.y * down,
            width=self.width * across,
            height=self.height * down,
            confidence=self.confidence,
            left_eye=(self.left_eye[0] * across, self.left_eye[1] * down),
            right_eye=(self.right_eye[0] * across, self.right_eye[1] * down),
        )


def faces_missing() -> Missing | None:
    """Return what this computer lacks to find faces; quick, and imports nothing slow."""
    for package in ("mtcnn", "tensorflow"):
        if importlib.util.find_spec(package) is None:
            return Missing(
                sentence=f"Faces cannot be found: the package {package} is not installed.",
                command=f"Install it with: pip install {package}",
            )
    return None


def detect_faces(rgb: Image.Image, *, min_confidence: float = DEFAULT_CONFIDENCE) -> tuple[Face, ...]:
    """Find the faces in a picture; none is a usual answer.

    The method is the cascade of K. Zhang, Z. Zhang, Z. Li and Y. Qiao, "Joint Face Detection and Alignment using
    Multi-task Cascaded Convolutional Networks" (2016). It looks at no more than 1024 pixels along the longer side, and
    finds faces from the front or half from the side, from 24 pixels on. Calls from several threads wait for each other.

    Parameters
    ----------
    rgb : PIL.Image.Image
        Mode RGB, from 1 x 1 on; not changed.
    min_confidence : float, default 0.9
        From 0.5 to 1.

    Returns
    -------
    tuple of Face
        From left to right.

    Raises
    ------
    ExtractorError
        A package is missing or cannot be loaded.
    """
    seen = rgb.copy()
    seen.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    with _lock:
        found = _detector().detect_faces(
            np.asarray(seen), output_type="numpy", box_format="xyxy", threshold_onet=LEAST_CONFIDENCE
        )
    across, down = rgb.width / seen.width, rgb.height / seen.height
    faces = [_face(row, seen.size).scaled(across, down) for row in np.reshape(found, (-1, 16)).tolist()]
    large = [face for face in faces if min(face.width, face.height) >= _LEAST_SIDE]
    return tuple(
        sorted((face for face in large if face.confidence >= min_confidence), key=lambda face: (face.x, face.y))
    )


def _face(row: list[float], size: tuple[int, int]) -> Face:
    """Read one row of the detector: image, box, confidence, five x (eyes, nose, mouth), five y."""
    _, left, top, right, bottom, confidence, *marks = row
    left, right = max(0.0, left), min(float(size[0]), right)
    top, bottom = max(0.0, top), min(float(size[1]), bottom)
    return Face(
        x=left,
        y=top,
        width=right - left,
        height=bottom - top,
        confidence=confidence,
        left_eye=(marks[0], marks[5]),
        right_eye=(marks[1], marks[6]),
    )


@functools.cache
def _detector() -> Any:
    """Load the three networks, once for the process.

    mtcnn looks for a file named like its weights in the directory that the program was started in, and unpickles it:
    so it is told where its own lie.
    """
    if missing := faces_missing():
        raise missing.error()
    import_keras()
    from mtcnn import MTCNN
    from mtcnn.stages import StageONet, StagePNet, StageRNet

    weights = importlib.resources.files("mtcnn") / "assets" / "weights"
    stages = ((StagePNet, "pnet.lz4"), (StageRNet, "rnet.lz4"), (StageONet, "onet.lz4"))
    return MTCNN(stages=[stage(weights=str(weights / name)) for stage, name in stages])
