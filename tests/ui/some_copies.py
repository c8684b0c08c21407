"""A folder of pictures with copies among them, for the screen Tidy."""

import shutil

import numpy as np
from PIL import Image

# The names of those that are copies of another, by the name of the other.
COPIES = {"00.png": "00 (1).png", "01.png": "01.bmp", "02.png": "02-small.jpg"}
N_SCENES = 12


def scene(number: int) -> Image.Image:
    """A picture with soft colours, unlike all others of the same kind."""
    pixels = np.random.default_rng(number).integers(20, 236, (6, 8, 3), dtype=np.uint8)
    sharp = np.asarray(Image.fromarray(pixels).resize((240, 180), Image.Resampling.BICUBIC)).copy()
    sharp[60:120, 100:103] = 255  # an edge
    return Image.fromarray(sharp)


def write_scenes(folder, n=N_SCENES):
    folder.mkdir(parents=True)
    for number in range(n):
        scene(number).save(folder / f"{number:02d}.png")


def write_copies(folder):
    """Twelve pictures: the first again as it is, the second in another format, the third at half its size."""
    write_scenes(folder)
    shutil.copyfile(folder / "00.png", folder / COPIES["00.png"])
    scene(1).save(folder / COPIES["01.png"])
    scene(2).resize((120, 90), Image.Resampling.LANCZOS).save(folder / COPIES["02.png"], quality=85)
