"""Which files are pictures: by extension while searching, by content while opening."""

import functools

from PIL import Image

__all__ = ["HIDDEN_NAMES", "MAX_PIXELS", "UNSUPPORTED", "picture_formats", "picture_suffixes"]

MAX_PIXELS = 200_000_000
"""Largest width x height that is decoded unless the caller says otherwise: 200 megapixels, 600 MB as RGB."""

HIDDEN_NAMES = frozenset({"__macosx", "thumbs.db", "desktop.ini", "@eadir", "$recycle.bin"})
"""Lower-case names of what systems leave among the pictures; it is left out, as are names with a leading dot."""

# Formats that Pillow registers and this package never opens.
_DENIED = frozenset(
    {
        "EPS",  # would start Ghostscript on a program that came with the pictures
        "WMF",  # drawn by Windows itself, a stub elsewhere
        "BUFR",
        "GRIB",
        "HDF5",  # stubs: recognised, never decoded
        "MPEG",  # a stub for videos
        "IPTC",  # news-wire messages, opened through a second, unrestricted Image.open
    }
)

# These have no signature: they are tried last, so that a damaged file of another kind is not taken for one of them.
_WITHOUT_SIGNATURE = frozenset({"TGA", "SPIDER", "IM", "IMT", "PCD", "MCIDAS", "XVTHUMB"})

_RAW = (
    *(".3fr", ".ari", ".arw", ".bay", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq", ".k25"),
    *(".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf"),
    *(".srw", ".x3f"),
)
_DRAWINGS = (".ai", ".emf", ".eps", ".ps", ".svg", ".svgz", ".wmf")
_OTHERS = (".jxl", ".psb", ".xcf")

UNSUPPORTED: dict[str, str] = {
    **dict.fromkeys(_RAW, "camera RAW files cannot be opened; export them as JPEG first"),
    **dict.fromkeys(_DRAWINGS, "drawings cannot be opened; save it as PNG first"),
    **dict.fromkeys(_OTHERS, "this kind of picture cannot be opened; save it as PNG or JPEG first"),
}
"""Extension -> reason, for pictures that would otherwise be missing without a word."""


@functools.cache
def picture_formats() -> tuple[str, ...]:
    """Return the names of the Pillow formats that may be opened, those with a signature first.

    HEIC comes from pillow_heif, AVIF and everything else from Pillow itself. The first call loads all their plugins.
    """
    import pillow_heif

    pillow_heif.register_heif_opener()
    Image.init()
    allowed = [name for name in Image.OPEN if name not in _DENIED]
    return tuple(sorted(allowed, key=lambda name: name in _WITHOUT_SIGNATURE))


@functools.cache
def picture_suffixes() -> frozenset[str]:
    """Return the extensions of pictures that can be opened, in lower case with their dot."""
    formats = {*picture_formats(), "MPO"}  # MPO, two JPEGs in a row, is opened by the JPEG plugin
    return frozenset(suffix for suffix, name in Image.EXTENSION.items() if name in formats) - UNSUPPORTED.keys()
