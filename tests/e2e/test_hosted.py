"""Hosted for others, behind a reverse proxy under another name: samples and uploads, and nothing of the server."""

import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reverse_proxy import ReverseProxy

pytestmark = pytest.mark.e2e

MAP, STRIP, ERROR = ".imgcluster-map-canvas.js-plotly-plot", ".imgcluster-strips .strip", "[data-testid=stAlert]"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Where the hosted app keeps things: its cache, and the visitors' private directories."""
    return tmp_path_factory.mktemp("hosted-server")


@pytest.fixture(scope="module")
def app(run_app, server, shared_cache):
    (server / "tmp").mkdir()
    return run_app("app.py", env={**shared_cache, "IMGCLUSTER_HOSTED": "1", "TMPDIR": str(server / "tmp")})


@pytest.fixture(scope="module")
def url(app):
    proxy = ReverseProxy(int(app.url.rpartition(":")[2]), host="pictures.example")
    yield f"http://127.0.0.1:{proxy.port}"
    proxy.close()


def picture(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((64, 64), Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()


def zipped(contents: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return file.getvalue()


def upload(page, name: str, content: bytes) -> None:
    kind = "application/zip" if name.endswith(".zip") else "image/png"
    page.locator("input[type=file]").set_input_files([{"name": name, "mimeType": kind, "buffer": content}])
    page.get_by_role("button", name="Use these").click()


def shows_nothing_of_the_server(page, server, shared_cache) -> None:
    """No way to a folder, and no place in any text or attribute."""
    ours = page.locator(".imgcluster-strips, .imgcluster-gallery")  # in a shadow tree, which content() leaves out
    content = page.content() + "".join(part.inner_html() for part in ours.all())
    for place in (str(server), shared_cache["IMGCLUSTER_CACHE"], str(Path.home()), str(Path.cwd())):
        assert place not in content
    assert page.get_by_role("textbox").count() == 0
    for words in ("Look around", "Folder or ZIP file", "Opened before", "Storage"):
        assert page.get_by_text(words).count() == 0


def private_directories(server) -> set[Path]:
    return set((server / "tmp").glob("imgcluster-*"))


def wait_until(condition, *, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_first_screen_offers_samples_and_uploads_alone(url, open_page, server, shared_cache):
    page = open_page(url)
    page.get_by_role("button", name="Handwritten digits").wait_for()
    page.get_by_text("300MB per file").wait_for()
    shows_nothing_of_the_server(page, server, shared_cache)
    page.get_by_role("button", name="Dots and shapes").click()
    page.get_by_text("600", exact=True).wait_for()
    page.get_by_role("button", name="Start").wait_for()
    shows_nothing_of_the_server(page, server, shared_cache)


def test_an_upload_is_grouped_and_goes_with_its_visitor(url, open_page, server, shared_cache, app):
    before = set(server.parent.rglob("*evil*"))
    names = ["../../../evil.png", "/tmp/evil-absolute.png", "..\\evil.png", "good/one.png", "good/two.png", "three.png"]
    first, second = open_page(url), open_page(url)
    upload(first, "holiday.zip", zipped({name: picture(seed) for seed, name in enumerate(names)}))
    first.get_by_role("heading", name="holiday").wait_for()
    upload(second, "alone.png", picture(99))
    second.get_by_role("heading", name="1 uploaded picture").wait_for()
    assert len(private_directories(server)) == 2
    assert [len(list(directory.glob("uploads/*/*.zip"))) for directory in private_directories(server)] == [1, 1]

    first.get_by_role("button", name="Start").click()
    first.wait_for_selector(MAP, timeout=300_000)
    first.locator(STRIP).first.wait_for()
    first.locator(STRIP).first.scroll_into_view_if_needed()
    first.locator(f"{STRIP} img[src^='blob:']").first.wait_for()
    shows_nothing_of_the_server(first, server, shared_cache)
    assert "c=" not in first.url  # nobody else can open it by its address
    first.locator(f"{STRIP} .picture").first.click()
    first.get_by_role("dialog").get_by_text("Most like it").wait_for()
    shows_nothing_of_the_server(first, server, shared_cache)
    assert set(server.parent.rglob("*evil*")) == before and not Path("/tmp/evil-absolute.png").exists()

    first.context.close()
    wait_until(lambda: len(private_directories(server)) == 1)
    second.context.close()
    wait_until(lambda: not private_directories(server))
    assert "Traceback" not in app.log.read_text()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("many.zip", lambda: zipped({f"{number}.png": b"x" for number in range(5_001)}), "the limit is 5,000"),
        ("bomb.zip", lambda: zipped({f"{n}.png": bytes(45_000_000) for n in range(23)}), "the limit is"),
        ("bad.zip", lambda: b"PK\x03\x04 no", "damaged, or no ZIP file at all"),
        ("empty.zip", lambda: zipped({"a.txt": b"hello"}), "There are no pictures"),
    ],
    ids=["many", "bomb", "bad", "empty"],
)
def test_what_is_too_much_or_broken_is_one_sentence(url, open_page, server, shared_cache, name, content, message):
    page = open_page(url)
    upload(page, name, content())
    page.locator(ERROR).get_by_text(message).wait_for()
    assert page.get_by_role("button", name="Start").count() == 0
    shows_nothing_of_the_server(page, server, shared_cache)


def test_a_picture_of_too_many_pixels_is_left_out(url, open_page):
    file = io.BytesIO()
    Image.new("1", (9_000, 7_000)).save(file, "PNG")
    page = open_page(url)
    upload(page, "two.zip", zipped({"huge.png": file.getvalue(), "fine.png": picture(1)}))
    page.get_by_text("1 file that cannot be read").wait_for()
    assert page.get_by_test_id("stMetricValue").first.inner_text() == "1"


def test_the_server_wrote_nothing_of_errors_or_places(app):
    assert "Traceback" not in app.log.read_text()
