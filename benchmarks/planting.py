"""Copies of pictures as they come about in life, planted among the originals; and pictures that look like photos."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from imgcluster.pictures.opening import decode

__all__ = ["KINDS", "photo_like", "plant_copies"]

_TURNS = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
_ORIENTATION = 0x0112


def photo_like(rng: np.random.Generator, size: tuple[int, int] = (240, 180)) -> Image.Image:
    """Return a picture of coloured clouds at all scales, with some shapes in it."""
    from PIL import ImageDraw

    layers = np.zeros((size[1], size[0], 3))
    for cells in (2, 4, 8, 16, 48):
        noise = Image.fromarray(rng.integers(0, 256, (cells, cells + 1, 3), dtype=np.uint8))
        layers += np.asarray(noise.resize(size, Image.Resampling.BICUBIC), dtype=np.float64) / np.sqrt(cells)
    low, high = layers.min(), layers.max()
    picture = Image.fromarray(np.uint8(255 * (layers - low) / (high - low)))
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.integers(2, 6)):
        left, top = rng.uniform(0, 0.8, 2) * size
        width, height = rng.uniform(0.08, 0.4, 2) * size
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        shape((left, top, left + width, top + height), fill=tuple(rng.integers(0, 256, 3).tolist()))
    return picture


def plant_copies(originals: Sequence[Path], folder: Path, n_copies: int, *, seed: int = 0) -> dict[str, str]:
    """Write copies of some files, each kind of `KINDS` in turn, and return which is of which.

    Parameters
    ----------
    originals : sequence of Path
        At least as many as copies.
    folder : Path
        Where the copies go.
    n_copies : int
    seed : int

    Returns
    -------
    dict of str to str
        Name of each copy -> name of its original.
    """
    rng, kinds = np.random.default_rng(seed), list(KINDS)
    planted = {}
    for number, chosen in enumerate(rng.choice(len(originals), n_copies, replace=False).tolist()):
        kind, original = kinds[number % len(kinds)], originals[chosen]
        name = f"planted-{number:03d}-{kind}"
        planted[KINDS[kind](original, folder / name, rng).name] = original.name
    return planted


def _renamed(original: Path, copy: Path, rng: np.random.Generator) -> Path:
    return Path(shutil.copyfile(original, copy.with_suffix(original.suffix)))


def _as_png(original: Path, copy: Path, rng: np.random.Generator) -> Path:
    decode(original.read_bytes()).save(copy.with_suffix(".png"))
    return copy.with_suffix(".png")


def _as_webp(original: Path, copy: Path, rng: np.random.Generator) -> Path:
    decode(original.read_bytes()).save(copy.with_suffix(".webp"), quality=int(rng.integers(60, 91)))
    return copy.with_suffix(".webp")


def _as_jpeg(picture: Image.Image, copy: Path, rng: np.random.Generator, **options: object) -> Path:
    picture.save(copy.with_suffix(".jpg"), quality=int(rng.integers(60, 91)), **options)
    return copy.with_suffix(".jpg")


def _encoded_again(original: Path, copy: Path, rng: np.random.Generator) -> Path:
    return _as_jpeg(decode(original.read_bytes()), copy, rng)


def _resized(original: Path, copy: Path, rng: np.random.Generator) -> Path:
    picture, share = decode(original.read_bytes()), rng.uniform(0.4, 0.9)
    size = [max(1, round(side * share)) for side in picture.size]
    return _as_jpeg(picture.resize(size, Image.Resampling.LANCZOS), copy, rng)


def _cropped_on_one_side(original: Path, copy: Path, rng: np.random.Generator) -> Path:
    picture = decode(original.read_bytes())
    box, side = [0, 0, *picture.size], int(rng.integers(4))
    box[side] += (1, 1, -1, -1)[side] * round(0.05 * picture.size[side % 2])
    return _as_jpeg(picture.crop(box), copy, rng)


def _cropped_on_all_sides(original: Path, copy: Path, rng: np.random.Generator) -> Path:
    picture = decode(original.read_bytes())
    across, down = (round(0.05 * side) for side in picture.size)
    return _as_jpeg(picture.crop((across, down, picture.width - across, picture.height - down)), copy, rng)


def _turned_by_exif(original: Path, copy: Path, rng: np.random.Generator) -> Path:
    orientation = int(rng.choice(list(_TURNS)))
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    return _as_jpeg(decode(original.read_bytes()).transpose(_TURNS[orientation]), copy, rng, exif=exif)


KINDS: dict[str, Callable[[Path, Path, np.random.Generator], Path]] = {
    "renamed": _renamed,
    "png": _as_png,
    "webp": _as_webp,
    "jpeg": _encoded_again,
    "resized": _resized,
    "cropped": _cropped_on_one_side,
    "cropped-all": _cropped_on_all_sides,
    "turned": _turned_by_exif,
}
"""Name of a kind of copy -> what writes one of a file, under a name without an ending, and returns its path."""
