"""Time from the release of the slider to the recoloured map, in headless Chromium, in the whole app.

    python -m benchmarks.slider               # 32,000 pictures
    python -m benchmarks.slider --images 8000
    python -m benchmarks.slider --sample digits
    python -m benchmarks.slider --sample digits --screen tree   # the cut through the tree

The pictures are tiny PNG files in one ZIP file; their features (a mixture of 40 clusters) are put into the store, so
that no network runs. Compared with `st.plotly_chart` of as many dots. Needs Chromium and requirements-dev.txt.
"""

import argparse
import hashlib
import io
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.stages import synthetic_features
from imgcluster.cache import Workspace
from imgcluster.extractors.registry import DEFAULT_EXTRACTOR, get_extractor
from imgcluster.features.options import FeatureOptions
from imgcluster.features.store import Store, StoreEntry
from imgcluster.keeping.projects.library import ProjectLibrary, new_id, now
from imgcluster.keeping.projects.project import Project
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.opening import read_bytes
from imgcluster.pictures.samples import SAMPLES
from imgcluster.pictures.thumbnails import make_thumbnail
from imgcluster.pipeline import open_collection

ROOT = Path(__file__).parents[1]
OURS, THEIRS = ".imgcluster-map-canvas.js-plotly-plot", ".js-plotly-plot"
READY = "[data-testid='stApp'][data-test-script-state='notRunning']"
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
MOVES = 10

# The same dots by Streamlit's own chart: what the map component is compared with.
PLOTLY_APP = """
import numpy as np, plotly.graph_objects as go, streamlit as st
n = {n}
xy = np.random.default_rng(0).normal(size=(n, 2)).astype("f4")
k = st.slider("How many groups", 1, 50, 8)
labels = (np.arange(n) * 7919 % k).astype("i2")
figure = go.Figure(go.Scattergl(x=xy[:, 0], y=xy[:, 1], mode="markers", marker=dict(color=labels, size=4)))
st.plotly_chart(figure, key="map", height=560)
"""


def main() -> None:
    """Fill a store, start the app, move the slider, print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=32_000)
    parser.add_argument("--sample", choices=sorted(SAMPLES), help="a built-in sample in place of tiny pictures")
    parser.add_argument("--screen", choices=["groups", "tree"], default="groups", help="where the slider is moved")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        os.environ["IMGCLUSTER_CACHE"] = directory
        n_images = len(open_collection(options.sample, sample=True)) if options.sample else options.images
        print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores; {n_images:,} pictures; software GL")
        source = options.sample or fill(Path(directory), n_images)
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        server, url = serve(ROOT / "app.py", Path(directory))
        try:
            page = chromium.new_page(viewport={"width": 1280, "height": 1400})
            page.goto(f"{url}/{options.screen}?c={source}&k=8")
            page.wait_for_selector(OURS, timeout=600_000)
            page.wait_for_selector("text=first sketch", state="detached", timeout=600_000)
            ours = moves(page, OURS)
        finally:
            stop(server)
        script = Path(directory) / "plotly_app.py"
        script.write_text(PLOTLY_APP.format(n=n_images))
        server, url = serve(script, Path(directory))
        try:
            page = chromium.new_page(viewport={"width": 1280, "height": 1400})
            page.goto(url)
            page.wait_for_selector(THEIRS, timeout=60_000)
            theirs = moves(page, THEIRS)
        finally:
            stop(server)
        chromium.close()
    print(f"release of the slider to the recoloured map: {1000 * ours:6.0f} ms (median of {MOVES})")
    print(f"st.plotly_chart of as many dots:             {1000 * theirs:6.0f} ms ({theirs / ours:.1f} x ours)")


def fill(directory: Path, n_images: int) -> str:
    """Write the pictures and the store, and return the source's name in the app's address."""
    archive = directory / "pictures.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for number in range(n_images):
            buffer = io.BytesIO()
            Image.new("RGB", (8, 8), (number % 251, number // 251 % 251, number // 63_001)).save(buffer, "PNG")
            file.writestr(f"{number:06}.png", buffer.getvalue())
    workspace = Workspace.default()
    vectors, _ = synthetic_features(n_images)
    collection, hashes = find_images(archive), []
    with Store(workspace.store_path) as store:
        extractor = get_extractor(DEFAULT_EXTRACTOR).id
        for start in range(0, n_images, 2_000):
            images = collection.images[start : start + 2_000]
            hashes += [hashlib.blake2b(read_bytes(image), digest_size=16).hexdigest() for image in images]
            store.put_batch(
                extractor,
                [
                    StoreEntry(
                        hash=key,
                        image=image,
                        vector=vector,
                        thumbnail=make_thumbnail(Image.new("RGB", (160, 120), (start // 2_000 * 15 % 255, 90, 160))),
                    )
                    for key, image, vector in zip(hashes[start:], images, vectors[start : start + 2_000], strict=True)
                ],
            )
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


def serve(script: Path, cache: Path) -> tuple[subprocess.Popen, str]:
    """Start Streamlit on a free port of this computer."""
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


def moves(page: Page, chart: str) -> float:
    """Move the slider `MOVES` times; return the median seconds from its release to the drawn map."""
    page.wait_for_selector(READY, timeout=600_000)
    page.wait_for_timeout(2_000)
    page.evaluate(
        """map => {
          const note = () => { globalThis.drawn = performance.now(); };
          new MutationObserver(() => document.querySelector(map)?.on && hook()).observe(
            document.body, { subtree: true, childList: true });
          const hook = () => { const plot = document.querySelector(map);
            if (!plot.hooked) { plot.hooked = true; plot.on("plotly_afterplot", note); note(); } };
          hook();
          for (const type of ["pointerup", "mouseup"])
            document.addEventListener(type, () => { globalThis.released = performance.now(); }, true);
        }""",
        chart,
    )
    maps = []
    for move in range(MOVES):
        track = page.get_by_test_id("stSlider").first.bounding_box()
        x, y = track["x"] + track["width"] * (0.2 if move % 2 == 0 else 0.3), track["y"] + 43
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.up()
        page.wait_for_function("() => globalThis.drawn > globalThis.released", timeout=60_000)
        page.wait_for_timeout(1_500)
        maps.append(page.evaluate("() => globalThis.drawn - globalThis.released") / 1000)
    return statistics.median(maps)


if __name__ == "__main__":
    main()
