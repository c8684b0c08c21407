"""The content of a picture's file in blocks: a large one is never in memory as a whole."""

from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG

from imgcluster.errors import UnreadableImageError
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.opening import file_problem, read_bytes

__all__ = ["file_blocks", "image_blocks"]

_BLOCK = 2**20


def image_blocks(image: ImageFile) -> Iterator[bytes]:
    """Yield the content of an image's file, from the disk or from inside its ZIP file (there whole: 1 GiB at most).

    Raises
    ------
    UnreadableImageError
        With the reason in plain words, before or between the blocks.
    """
    if image.member is not None:
        content = memoryview(read_bytes(image))
        for begin in range(0, len(content), _BLOCK):
            yield bytes(content[begin : begin + _BLOCK])
        return
    try:
        if not S_ISREG(image.source.stat().st_mode):  # a pipe that took its place would be waited for
            raise UnreadableImageError("this is not an ordinary file")
        yield from file_blocks(image.source)
    except OSError as error:
        raise UnreadableImageError(file_problem(error)) from error


def file_blocks(path: Path) -> Iterator[bytes]:
    """Yield the content of a file."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
