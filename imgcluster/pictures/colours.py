"""From whatever a picture file holds to 8-bit sRGB: depth, transparency, colour model and colour profile."""

import io

import numpy as np
from PIL import Image, ImageCms

__all__ = ["grey_levels", "to_rgb"]

_DEEP_MODES = ("I", "F")  # and I;16, I;16L, I;16B


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert a loaded image of any Pillow mode to 8-bit RGB.

    Transparency is laid over white. Deep grey levels are scaled linearly (see `grey_levels`). A colour profile other
    than sRGB is applied; one that cannot be used is ignored.

    Parameters
    ----------
    image : PIL.Image.Image
        Not changed.

    Returns
    -------
    PIL.Image.Image
        Mode RGB, of the same size, without metadata: nothing in it can turn or recolour it a second time.
    """
    if image.mode.startswith(_DEEP_MODES):
        rgb = _deep_to_rgb(image)
    elif image.mode == "LAB":
        rgb = ImageCms.profileToProfile(image, ImageCms.createProfile("LAB"), _srgb(), outputMode="RGB")
    else:
        profile = image.info.get("icc_profile")
        if image.has_transparency_data:
            image = image.convert("RGBA")
        if profile and image.mode in {"RGB", "RGBA", "CMYK"}:
            image = _apply_profile(image, profile)
        rgb = _over_white(image) if image.mode == "RGBA" else image.convert("RGB")
    rgb.info = {}
    return rgb


def grey_levels(values: np.ndarray) -> np.ndarray:
    """Scale deep grey values linearly to 8 bits.

    Unsigned 16-bit values are scaled by their whole range, 65,535 is white. Other kinds carry no range of their own,
    so it is guessed from the values: integers within [0, 65,535] are taken for 16-bit ones (Pillow opens 16-bit PGM
    so), floats within [0, 1], [0, 255] or [0, 65,535] for values of that range. All others run from their least to
    their greatest.

    Parameters
    ----------
    values : (height, width) array of uint16, int32 or float32
        What is not finite becomes black.

    Returns
    -------
    (height, width) uint8 array
    """
    finite = np.isfinite(values)
    known = values[finite]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    ranges = {"u": [65_535], "i": [65_535], "f": [1, 255, 65_535]}[values.dtype.kind]
    if low >= 0 and high <= ranges[-1]:
        low, high = 0.0, float(next(top for top in ranges if high <= top))
    scale = 255 / (high - low) if high > low else 0.0
    scaled = (np.where(finite, values, low).astype(np.float64) - low) * scale
    return np.rint(scaled).astype(np.uint8)


def _deep_to_rgb(image: Image.Image) -> Image.Image:
    values = np.asarray(image)
    levels = grey_levels(values)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        levels = np.where(values == transparent, np.uint8(255), levels)
    return Image.fromarray(levels).convert("RGB")


def _over_white(image: Image.Image) -> Image.Image:
    background = Image.new("RGB", image.size, "white")
    background.paste(image, mask=image.getchannel("A"))
    return background


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert to sRGB by the picture's own ICC profile; where that cannot be done, return it as it is."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(own).lower():
            return image
        return ImageCms.profileToProfile(image, own, _srgb(), outputMode=mode)
    except Exception:  # a damaged profile, or one for another colour model: the colours without it are good enough
        return image


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
