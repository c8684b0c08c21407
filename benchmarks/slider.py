"""From the release of the slider to the last pixel, in headless Chromium, in the whole app, and where the time goes.

    python -m benchmarks.slider               # 32,000 pictures
    python -m benchmarks.slider --images 8000
    python -m benchmarks.slider --sample digits
    python -m benchmarks.slider --sample digits --screen tree   # the cut through the tree

The pictures are tiny PNG files in one ZIP file; their features (a mixture of 40 clusters) are put into the store, so
that no network runs. Compared with `st.plotly_chart` of as many dots. Prints Markdown. Needs Chromium and
requirements-dev.txt.
"""

import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.common import command, say, table
from benchmarks.whole_app import ROOT, fill, serve, stop
from imgcluster.pictures.samples import SAMPLES
from imgcluster.pipeline import open_collection

OURS, THEIRS = ".imgcluster-map-canvas.js-plotly-plot", ".js-plotly-plot"
READY = "[data-testid='stApp'][data-test-script-state='notRunning']"
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
HOOKS = Path(__file__).with_suffix(".js")
MOVES = 20
WIDTH, HEIGHT = 1280, 1400

# Milliseconds from the release to the last pixel at 32,000 pictures.
BUDGET_MAP, BUDGET_STRIPS = 300, 600

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

Move = dict[str, float]


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
        source = options.sample or fill(Path(directory), n_images)
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        maps, strips = measured(chromium, ROOT / "app.py", Path(directory), f"{options.screen}?c={source}&k=8", OURS)
        script = Path(directory) / "plotly_app.py"
        script.write_text(PLOTLY_APP.format(n=n_images))
        theirs, _ = measured(chromium, script, Path(directory), "", THEIRS)
        chromium.close()
    print(
        f"{command()}: {n_images:,} pictures in the whole app, screen {options.screen.capitalize()}, headless Chromium"
        f" of {WIDTH} x {HEIGHT}, software GL; median of {MOVES} moves, each to another number of groups.\n"
    )
    print(report(maps, strips, theirs))


def measured(chromium: Browser, script: Path, cache: Path, address: str, chart: str) -> tuple[list[Move], list[Move]]:
    """Start an app, move its slider, and return what the moves cost to the map's last pixel, and to the last picture.

    These are different moves, since the page does nothing else while it waits for the graphics. There are pictures only
    where the map is ours.
    """
    server, url = serve(script, cache)
    try:
        page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.add_init_script(path=HOOKS)
        page.goto(f"{url}/{address}")
        page.wait_for_selector(chart, timeout=900_000)
        page.wait_for_selector("text=first sketch", state="detached", timeout=900_000)
        page.wait_for_selector(READY, timeout=900_000)
        page.wait_for_timeout(3_000)
        page.evaluate("chart => sliderBench.watch(chart)", chart)
        # The strips first: their pictures are to be new to the browser.
        strips = [move(page, number, to_pixel=False) for number in range(MOVES)] if chart == OURS else []
        return [move(page, number, to_pixel=True) for number in range(MOVES)], strips
    finally:
        stop(server)


def move(page: Page, number: int, *, to_pixel: bool) -> Move:
    """Move the slider once, to a number of groups where it has not been, and wait until all is drawn."""
    page.evaluate("toPixel => sliderBench.begin(toPixel)", to_pixel)
    if not to_pixel:
        page.evaluate(
            """() => {
              const slider = document.querySelector("[data-testid=stSlider]");
              const thumb = slider.querySelector("[role=slider], input");
              sliderBench.lookForPictures(() => Number(thumb.getAttribute("aria-valuenow") ?? thumb.value));
            }"""
        )
    track = page.get_by_test_id("stSlider").first.bounding_box()
    share = 0.12 + 0.4 * (number * 7 % MOVES + to_pixel / 2) / MOVES
    page.mouse.move(track["x"] + track["width"] * share, track["y"] + 43)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_function("() => sliderBench.isDrawn()", timeout=60_000)
    if not to_pixel:
        page.wait_for_function("() => sliderBench.hasPictures()", timeout=60_000)
    page.wait_for_timeout(1_500)
    costs = page.evaluate("() => sliderBench.result()")
    say(f"move {number + 1}: {costs}")
    return costs


def report(maps: list[Move], strips: list[Move], theirs: list[Move]) -> str:
    """Return the tables in Markdown."""

    def median(moves: list[Move], name: str, after: str = "") -> float:
        return statistics.median(each[name] - (each[after] if after else 0) for each in moves)

    def ms(moves: list[Move], name: str, after: str = "") -> str:
        return f"{median(moves, name, after):.0f}"

    def kilobytes(moves: list[Move], name: str) -> str:
        return f"{median(moves, name) / 1000:.0f} KB"

    other = median(theirs, "pixel")
    totals = [
        ["the last pixel of our map", ms(maps, "pixel"), f"{BUDGET_MAP}"],
        ["the last picture of the strips that are in view", ms(strips, "pictures"), f"{BUDGET_STRIPS}"],
        [
            "the last pixel of `st.plotly_chart` of as many dots",
            f"{other:.0f} ({other / median(maps, 'pixel'):.1f} x ours)",
            "",
        ],
    ]
    parts = [
        ["browser, until the move is sent", ms(maps, "sent"), ""],
        ["Python, until the map is there", ms(maps, "map_message", "sent"), kilobytes(maps, "map_bytes")],
        ["JavaScript, until all is told to the graphics", ms(maps, "drawn", "map_message"), ""],
        ["GL, until the last pixel of the map", ms(maps, "pixel", "drawn"), ""],
        ["Python, until the strips are there", ms(strips, "strips_message", "sent"), kilobytes(strips, "strips_bytes")],
        ["from there until their last picture", ms(strips, "pictures", "strips_message"), ""],
        ["thumbnails that were asked for", "", kilobytes(strips, "thumbnails_bytes")],
        ["everything, also what is out of view", "", kilobytes(strips, "bytes")],
    ]
    return "\n\n".join(
        [
            table(["from the release of the slider to", "ms", "budget at 32,000"], totals),
            table(["where it goes", "ms", "sent"], parts),
        ]
    )


if __name__ == "__main__":
    main()
