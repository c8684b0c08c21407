"""What was found stays found: one line for every photo that was looked at, by its content.

A run that is killed loses the photo in hand. Lines are only ever added; one that was cut off is ignored.
"""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from imgcluster.errors import StoreError
from imgcluster.faces.detecting import DETECTOR, Face

__all__ = ["Detection", "KeptDetections"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """The faces of one photo.

    Attributes
    ----------
    width, height : int
        Of the photo, the way up that it is shown.
    faces : tuple of Face
        In pixels of that.
    """

    width: int
    height: int
    faces: tuple[Face, ...]


class KeptDetections:
    """A file of detections by the hash of a photo's content, to be used in a ``with`` block and by one thread.

    Parameters
    ----------
    path : Path
        The file; it and its directory are made when they are missing.

    Raises
    ------
    StoreError
        When it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Detection] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("a+b")
            self._file.seek(0)
            lines = self._file.read().split(b"\n")
            if lines[-1]:  # cut off: what comes next begins a line of its own
                self._file.write(b"\n")
        except OSError as error:
            raise self._error(error) from error
        for line in lines:
            with contextlib.suppress(ValueError, TypeError, KeyError):
                key, detection = _parse(line)
                self._known[key] = detection

    def __enter__(self) -> "KeptDetections":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def get(self, key: str) -> Detection | None:
        """Return what was found in a photo of this content, None where it was not looked at yet."""
        return self._known.get(key)

    def put(self, key: str, detection: Detection) -> None:
        """Keep what was found, at once.

        Raises
        ------
        StoreError
            When it cannot be written.
        """
        self._known[key] = detection
        rows = [
            [face.x, face.y, face.width, face.height, face.confidence, *face.left_eye, *face.right_eye]
            for face in detection.faces
        ]
        entry = {"photo": key, "by": DETECTOR, "width": detection.width, "height": detection.height, "faces": rows}
        try:
            self._file.write(json.dumps(entry).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise self._error(error) from error

    def _error(self, error: OSError) -> StoreError:
        return StoreError(
            f"What was found cannot be kept in {self._path}: {error.strerror or error}.",
            hint="Free some space there, and check that you may write to it.",
        )


def _parse(line: bytes) -> tuple[str, Detection]:
    entry = json.loads(line)
    if entry["by"] != DETECTOR:
        raise ValueError("found by another detector")
    faces = tuple(_face([float(value) for value in row]) for row in entry["faces"])
    return str(entry["photo"]), Detection(width=int(entry["width"]), height=int(entry["height"]), faces=faces)


def _face(row: Sequence[float]) -> Face:
    x, y, width, height, confidence, left_x, left_y, right_x, right_y = row
    return Face(
        x=x,
        y=y,
        width=width,
        height=height,
        confidence=confidence,
        left_eye=(left_x, left_y),
        right_eye=(right_x, right_y),
    )
