"""The whole app with many pictures for the benchmarks in a browser: a store that is filled without a network, a server.

    python -m benchmarks.whole_app DIRECTORY --images 100000   # fill a workspace, and print the address to look at

The pictures are tiny PNG files in one ZIP file, their vectors a mixture of 40 clusters, made block by block: the memory
that it takes does not grow with the pictures.
"""

import argparse
import hashlib
import io
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.planting import photo_like
from imgcluster.cache import Workspace
from imgcluster.extractors.registry import DEFAULT_EXTRACTOR, get_extractor
from imgcluster.features.options import FeatureOptions
from imgcluster.features.store import Store, StoreEntry
from imgcluster.keeping.projects.library import ProjectLibrary, new_id, now
from imgcluster.keeping.projects.project import Project
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.thumbnails import make_thumbnail

__all__ = ["ROOT", "fill", "serve", "stop"]

ROOT = Path(__file__).parents[1]
BLOCK = 2_000
N_FEATURES, N_CLUSTERS = 1280, 40

# Different thumbnails, of the size in bytes that those of photographs have; more would not be told apart.
N_THUMBNAILS = 200


def fill(directory: Path, n_images: int) -> str:
    """Write pictures and a store into a workspace; return the source's name in the app's address.

    Parameters
    ----------
    directory : Path
        The workspace, as in the variable IMGCLUSTER_CACHE.
    n_images : int
        At most 16,777,216, so that no two pictures are equal.
    """
    archive = directory / "pictures.zip"
    hashes = _write_pictures(archive, n_images)
    collection = find_images(archive)
    workspace = Workspace(directory)
    extractor = get_extractor(DEFAULT_EXTRACTOR).id
    thumbnails = _thumbnails()
    with Store(workspace.store_path) as store:
        for start, vectors in zip(range(0, n_images, BLOCK), _vectors(n_images), strict=True):
            rows = zip(hashes[start:], collection.images[start:], vectors, strict=False)
            entries = [
                StoreEntry(hash=key, image=image, vector=vector, thumbnail=thumbnails[(start + place) % N_THUMBNAILS])
                for place, (key, image, vector) in enumerate(rows)
            ]
            store.put_batch(extractor, entries)
    project = Project(
        id=new_id(),
        name=archive.stem,
        kind="folder",
        location=str(archive),
        created=now(),
        changed=now(),
        features=FeatureOptions().text,
        paths=collection.paths,
        hashes=tuple(hashes),
    )
    return ProjectLibrary(workspace.directory).save(project).id


def _write_pictures(archive: Path, n_images: int) -> list[str]:
    """Write one tiny picture of its own colour per number, in the order of their names; return their hashes."""
    hashes = []
    with zipfile.ZipFile(archive, "w") as file:
        for number in range(n_images):
            buffer = io.BytesIO()
            Image.new("RGB", (8, 8), (number % 256, number // 256 % 256, number // 65_536)).save(buffer, "PNG")
            file.writestr(f"{number:08}.png", buffer.getvalue())
            hashes.append(hashlib.blake2b(buffer.getvalue(), digest_size=16).hexdigest())
    return hashes


def _vectors(n_images: int) -> Iterator[np.ndarray]:
    """Give the features of one block after the other, (at most 2,000, 1280) float32, not negative."""
    generator = np.random.default_rng(0)
    centers = np.maximum(generator.standard_normal((N_CLUSTERS, N_FEATURES), dtype=np.float32), 0)
    for start in range(0, n_images, BLOCK):
        truth = generator.integers(0, N_CLUSTERS, min(BLOCK, n_images - start))
        noise = generator.standard_normal((len(truth), N_FEATURES), dtype=np.float32)
        yield np.maximum(centers[truth] + 2.5 * noise, 0)


def _thumbnails() -> list[bytes]:
    generator = np.random.default_rng(0)
    return [make_thumbnail(photo_like(generator, (160, 120))) for _ in range(N_THUMBNAILS)]


def serve(script: Path, cache: Path) -> tuple[subprocess.Popen, str]:
    """Start Streamlit on a free port of this computer; return its process and its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", "--server.fileWatcherType=none"]
    environment = {**os.environ, "IMGCLUSTER_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
            return server, url
        except OSError:
            time.sleep(0.1)
    stop(server)
    raise SystemExit("the app did not start")


def stop(server: subprocess.Popen) -> None:
    """End the server."""
    server.terminate()
    server.wait()


def main() -> None:
    """Fill a workspace."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--images", type=int, default=32_000)
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    source = fill(options.directory.resolve(), options.images)
    print(f"IMGCLUSTER_CACHE={options.directory} streamlit run app.py, then open /groups?c={source}")


if __name__ == "__main__":
    main()
