"""What is wrong with the content of a file that could not be decoded, in words that help its owner."""

import struct
from collections.abc import Iterator

__all__ = ["damage_reason", "without_text"]

_PNG = b"\x89PNG\r\n\x1a\n"
_BOXES = frozenset({b"ftyp", b"jP  "})  # HEIC and AVIF, JPEG 2000
_SIGNATURES = (
    *(b"\xff\xd8\xff", _PNG, b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM"),
    *(b"8BPS", b"qoif", b"DDS ", b"\xff\x4f\xff\x51", b"\0\0\1\0", b"icns"),
)
_TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"iCCP"})


def damage_reason(data: bytes, error: BaseException) -> str:
    """Return "cut off", "damaged" or "not a picture", whichever fits.

    Parameters
    ----------
    data : bytes
        The whole content.
    error : BaseException
        What Pillow raised.
    """
    if not _has_signature(data):
        return "this is not a picture"
    message = str(error).lower()
    if _is_cut_off(data) or "truncated" in message or isinstance(error, EOFError | struct.error):
        return "the file is cut off"
    return "the file is damaged"


def without_text(data: bytes) -> bytes:
    """Return a PNG without its texts and colour profile: Pillow refuses the whole picture where those are very long."""
    if not data.startswith(_PNG):
        return data
    return _PNG + b"".join(data[start:end] for kind, start, end in _png_chunks(data) if kind not in _TEXT_CHUNKS)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    position = len(_PNG)
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">L4s", data, position)
        yield kind, position, position + length + 12
        position += length + 12


def _has_signature(data: bytes) -> bool:
    """Whether the content begins like one of the common kinds of pictures."""
    return data.startswith(_SIGNATURES) or data[4:8] in _BOXES or (data.startswith(b"RIFF") and data[8:12] == b"WEBP")


def _is_cut_off(data: bytes) -> bool:
    """Whether the end that its kind of file has is missing."""
    if data.startswith(b"\xff\xd8\xff"):
        return b"\xff\xd9" not in data[-4096:]
    if data.startswith(_PNG):
        return not any(kind == b"IEND" for kind, _, _ in _png_chunks(data))
    if data.startswith(b"GIF8"):
        return not data.rstrip(b"\0").endswith(b";")
    if data.startswith(b"RIFF"):
        return len(data) < 8 + int.from_bytes(data[4:8], "little")
    if data.startswith(b"BM"):
        return len(data) < int.from_bytes(data[2:6], "little")
    if data[4:8] in _BOXES:
        return _boxes_end(data) > len(data)
    return False


def _boxes_end(data: bytes) -> int:
    """Return where the last box of an ISO media file (HEIC, AVIF, JPEG 2000) says that it ends."""
    position = 0
    while position + 8 <= len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16], "big")
        if size < 8:  # 0: up to the end of the file
            return len(data)
        position += size
    return position
