"""A tiny stand-in for a network, and folders of small pictures: for tests of all that goes on around a network."""

import time
from pathlib import Path

import numpy as np
from PIL import Image


class FakeExtractor:
    """The mean colours of the four quarters; notes every image that it is shown."""

    id = "fake-1"
    name = "fake"
    title = "Fake"
    good_for = "tests"
    n_features = 12
    min_side = 2
    scaling = "hellinger"
    note = ""
    tip = ""
    rate = 40.0
    load_seconds = 8.0

    def __init__(self, *, seconds_per_batch=0.0, log=None):
        self.seconds_per_batch = seconds_per_batch
        self.log = log  # a file that survives the process
        self.seen = 0
        self.batches = []
        self.loads = 0

    def missing(self):
        return None

    def prepare(self, image):
        return np.asarray(image.resize((2, 2), Image.Resampling.BOX))

    def load(self):
        self.loads += 1

    def __call__(self, batch):
        self.seen += len(batch)
        self.batches.append(len(batch))
        if self.log is not None:
            with Path(self.log).open("a") as file:
                file.write(f"{len(batch)}\n")
        time.sleep(self.seconds_per_batch)
        return batch.reshape(len(batch), -1).astype(np.float32)


def write_images(folder, n, *, seed=0, suffix=".png"):
    """Write n different small pictures, named 0000.png and so on."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index in range(n):
        pixels = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        path = folder / f"{index:04d}{suffix}"
        Image.fromarray(pixels).save(path)
        paths.append(path)
    return paths
