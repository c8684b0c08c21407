"""The photo that a face is from, with the face marked in it."""

import io

from PIL import Image, ImageDraw

from imgcluster.faces.album import FaceOrigin
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.opening import decode, read_bytes

__all__ = ["marked_photo"]

_LINE, _OUTLINE = (255, 255, 255), (0, 0, 0)


def marked_photo(photo: ImageFile, origin: FaceOrigin, *, size: int = 900) -> bytes:
    """Return a photo as a JPEG, with a frame around one face.

    Parameters
    ----------
    photo : ImageFile
    origin : FaceOrigin
        Which face.
    size : int, default 900
        Longest side in pixels; smaller photos keep their size.

    Raises
    ------
    UnreadableImageError
        With the reason in plain words.
    """
    rgb = decode(read_bytes(photo), min_side=size)
    rgb.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
    across, down = rgb.width / origin.photo_width, rgb.height / origin.photo_height
    box = (
        origin.x * across,
        origin.y * down,
        (origin.x + origin.width) * across,
        (origin.y + origin.height) * down,
    )
    width = max(2, max(rgb.size) // 200)
    draw = ImageDraw.Draw(rgb)
    draw.rectangle([box[0] - width, box[1] - width, box[2] + width, box[3] + width], outline=_OUTLINE, width=3 * width)
    draw.rectangle(box, outline=_LINE, width=width)
    file = io.BytesIO()
    rgb.save(file, "JPEG", quality=90)
    return file.getvalue()
