"""Size of a report, time to write it, and time until headless Chromium has opened it and drawn its map.

    python -m benchmarks.report FOLDER                  # 5,000 pictures in 20 groups
    python -m benchmarks.report FOLDER --images 30000 --groups 50

The pictures of the folder are taken again and again until there are enough: the size of a report is that of its
thumbnails. Needs Chromium and requirements-dev.txt.
"""

import argparse
import resource
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from imgcluster.editing.groups import groups_of
from imgcluster.keeping.final import FinalGroups
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.opening import decode, read_bytes
from imgcluster.pictures.thumbnails import THUMBNAIL_SIZE, make_thumbnail
from imgcluster.reporting.contact_sheets import write_contact_sheets
from imgcluster.reporting.report import write_report

MIB = 2**20
DRAWN = """() => new Promise((done) => {
    const ask = () => document.querySelector("#map[data-drawn]") ? done(performance.now()) : requestAnimationFrame(ask);
    ask();
})"""
LOADED = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--groups", type=int, default=20)
    arguments = parser.parse_args()
    collection = find_images(arguments.folder)
    small = [make_thumbnail(decode(read_bytes(image), min_side=THUMBNAIL_SIZE)) for image in collection.images]
    final = grouped(collection, arguments.images, arguments.groups)
    print(f"{len(final.images):,} pictures in {final.groups.n_groups:,} groups, {len(small):,} of them different")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "report.html"
        begun = time.perf_counter()
        write_report(final, out, thumbnails=lambda images: [small[image % len(small)] for image in images])
        seconds, grown = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(
            f"report: {out.stat().st_size / MIB:.1f} MiB, written in {seconds:.1f} s, {grown / 1024:.0f} MiB of memory"
        )
        open_in_chromium(out)
        begun, pdf = time.perf_counter(), Path(directory) / "sheets.pdf"
        n_sheets = write_contact_sheets(final, pdf)
        seconds, grown = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(f"contact sheets: {n_sheets:,} pages, {pdf.stat().st_size / MIB:.1f} MiB, written in {seconds:.1f} s")
        print(f"memory in all: {grown / 1024:.0f} MiB more")


def grouped(collection: Collection, n_images: int, n_groups: int) -> FinalGroups:
    """Return groups of neighbouring images around random places."""
    images = tuple(collection.images[image % len(collection)] for image in range(n_images))
    labels = np.sort(np.arange(n_images) % n_groups)
    generator = np.random.default_rng(0)
    places = generator.normal(size=(n_groups, 2))[labels] + 0.1 * generator.normal(size=(n_images, 2))
    return FinalGroups(
        name="Benchmark",
        images=images,
        hashes=("",) * n_images,
        groups=groups_of(labels),
        proposals=("",) * n_groups,
        medoids=np.searchsorted(labels, np.arange(n_groups)),
        distances=generator.random(n_images),
        silhouettes=generator.random(n_images),
        places=places.astype(np.float32),
        likeness="network",
        space="diffusion",
        method="kmeans",
        parameters={"n_clusters": n_groups, "random_state": 0},
    )


def open_in_chromium(path: Path) -> None:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(path.as_uri(), wait_until="commit")
        drawn = page.evaluate(DRAWN)
        page.wait_for_load_state("load")
        print(f"Chromium: DOMContentLoaded after {page.evaluate(LOADED):.0f} ms, map drawn after {drawn:.0f} ms")
        if page.locator("details.rest").count():
            begun = time.perf_counter()
            page.locator("details.rest summary").first.click()
            page.locator("details.rest li").first.wait_for()
            print(f"          a group opened in {1000 * (time.perf_counter() - begun):.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()
