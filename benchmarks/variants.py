"""More pictures than there are: each in variants that look alike and are not the same file."""

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.opening import decode, read_bytes

__all__ = ["agreement", "classes", "write_bursts", "write_variants"]


def classes(paths: Sequence[str]) -> np.ndarray:
    """Return the name of the folder that each image lies in: its true class, where folders are named by classes."""
    return np.array([str(PurePosixPath(path).parent) for path in paths])


def agreement(truth: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return normalised mutual information, in [0, 1], and adjusted Rand index, up to 1."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    return float(normalized_mutual_info_score(truth, labels)), float(adjusted_rand_score(truth, labels))


def write_variants(images: Sequence[ImageFile], folder: Path, n_images: int) -> Path:
    """Write as many JPEGs as asked for: every image, then every image in another way, until there are enough.

    Of fewer than there are images, they are taken evenly, so that no class is left out.

    Parameters
    ----------
    images : sequence of ImageFile
        At least one.
    folder : Path
        New; gets the sub-folders that the images lie in.
    n_images : int

    Returns
    -------
    Path
        The folder.
    """
    ways: tuple[Callable[[Image.Image, float], Image.Image], ...] = (_same, _mirrored, _cropped, _darker, _same)
    step = max(1.0, len(images) / max(1, n_images))
    for index in range(n_images):
        turn, image = index // len(images), images[int(step * index) % len(images)]
        # Every turn is stronger than the last one: no two variants of one image are the same.
        picture = ways[turn % len(ways)](decode(read_bytes(image)).convert("RGB"), 0.05 + 0.02 * turn)
        path = folder / PurePosixPath(image.path).parent / f"{index:06d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, quality=max(40, 92 - 3 * turn))
    return folder


def write_bursts(images: Sequence[ImageFile], folder: Path, most: int) -> Path:
    """Write every image 1 to ``most`` times, each a little moved, turned, lit and encoded in another way.

    Parameters
    ----------
    images : sequence of ImageFile
    folder : Path
        New; gets the sub-folders that the images lie in.
    most : int

    Returns
    -------
    Path
        The folder.
    """
    rng = np.random.default_rng(0)
    for index, image in enumerate(images):
        picture = decode(read_bytes(image)).convert("RGB")
        for shot in range(rng.integers(1, most + 1)):
            path = folder / PurePosixPath(image.path).parent / f"{index:05d}-{shot:02d}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            (_shot_again(picture, rng) if shot else picture).save(path, quality=int(rng.integers(75, 96)))
    return folder


def _shot_again(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Take it again with a hand that shakes: 4 % of each side, 1.5 degrees, 7 % of the light."""
    width, height = picture.size
    left, top = rng.uniform(0, 0.04, 2) * picture.size
    moved = picture.crop((round(left), round(top), round(left + 0.96 * width), round(top + 0.96 * height)))
    turned = moved.rotate(rng.uniform(-1.5, 1.5), resample=Image.Resampling.BICUBIC)
    return ImageEnhance.Brightness(turned).enhance(rng.uniform(0.93, 1.07))


def _same(picture: Image.Image, strength: float) -> Image.Image:
    return picture


def _mirrored(picture: Image.Image, strength: float) -> Image.Image:
    return ImageOps.mirror(picture)


def _cropped(picture: Image.Image, strength: float) -> Image.Image:
    share = min(strength, 0.3)
    across, down = (round(share * side) for side in picture.size)
    return picture.crop((across, down, picture.width - across // 2, picture.height - down // 2))


def _darker(picture: Image.Image, strength: float) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(1 - min(4 * strength, 0.6))
