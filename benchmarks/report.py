"""Size of a report, time to write it, and time until headless Chromium has opened it and drawn its map.

    python -m benchmarks.report                         # 5,000 of the built-in drawings in 20 groups
    python -m benchmarks.report --folder PHOTOS         # pictures of a folder
    python -m benchmarks.report --images 30000 --groups 50

The pictures of the folder are taken again and again until there are enough: the size of a report is that of its
thumbnails. Needs Chromium and requirements-dev.txt.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.common import SKIPPED, command, peak_megabytes, say, short, table, timed
from imgcluster.editing.groups import groups_of
from imgcluster.keeping.final import FinalGroups
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.opening import decode, read_bytes
from imgcluster.pictures.thumbnails import THUMBNAIL_SIZE, make_thumbnail
from imgcluster.pipeline import open_collection
from imgcluster.reporting.contact_sheets import write_contact_sheets
from imgcluster.reporting.report import write_report

MIB = 2**20
DRAWN = """() => new Promise((done) => {
    const ask = () => document.querySelector("#map[data-drawn]") ? done(performance.now()) : requestAnimationFrame(ask);
    ask();
})"""
LOADED = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", help="photographs; the built-in drawings when it is left out")
    parser.add_argument("--images", type=int, default=5000, help="(default: %(default)s)")
    parser.add_argument("--groups", type=int, default=20, help="(default: %(default)s)")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        say("Chromium is not installed, and it is what opens the report: the section stays.")
        sys.exit(SKIPPED)
    collection = open_collection(options.folder or "dots", sample=not options.folder)
    small = [make_thumbnail(decode(read_bytes(image), min_side=THUMBNAIL_SIZE)) for image in collection.images]
    final = grouped(collection, options.images, options.groups)
    before = peak_megabytes()
    with tempfile.TemporaryDirectory() as directory:
        out, pdf = Path(directory) / "report.html", Path(directory) / "sheets.pdf"
        _, writing = timed(write_report, final, out, thumbnails=lambda at: [small[image % len(small)] for image in at])
        grown = peak_megabytes() - before
        parsed, drawn, opened = open_in_chromium(out, chromium)
        n_sheets, printing = timed(write_contact_sheets, final, pdf)
        sizes = [file.stat().st_size / MIB for file in (out, pdf)]
    size = f"{len(final.images):,} pictures, {len(small):,} of them different, in {final.groups.n_groups:,} groups"
    print(f"{command()}: {size}\n")
    rows = [
        ("the report, MB", sizes[0]),
        ("written in, s", writing),
        ("with so much more memory, MB", grown),
        ("Chromium: its text is there after, ms", parsed),
        ("its map is drawn after, ms", drawn),
        ("a group is opened in, ms", opened),
        ("contact sheets", f"{n_sheets:,} pages, {short(sizes[1])} MB"),
        ("written in, s", printing),
        ("with so much more memory in all, MB", peak_megabytes() - before),
    ]
    print(table(("", ""), rows))


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


def open_in_chromium(path: Path, executable: str) -> tuple[float, float, float]:
    """Return the milliseconds until the text is there, until the map is drawn, and for opening a group (or NaN)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(path.as_uri(), wait_until="commit")
        drawn, opened = page.evaluate(DRAWN), float("nan")
        page.wait_for_load_state("load")
        parsed = page.evaluate(LOADED)
        if page.locator("details.rest").count():
            begun = time.perf_counter()
            page.locator("details.rest summary").first.click()
            page.locator("details.rest li").first.wait_for()
            opened = 1000 * (time.perf_counter() - begun)
        browser.close()
    return parsed, drawn, opened


if __name__ == "__main__":
    main()
