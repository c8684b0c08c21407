"""The one loader: the right way up, the first frame, within limits, and never another error than its own."""

import os
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import numpy as np
import pytest
from odd_images import bomb_png, encoded, heic, looks_right, png_chunk, quadrants, with_orientation
from PIL import Image, PngImagePlugin

from imgcluster.errors import UnreadableImageError
from imgcluster.pictures import opening
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.opening import check_header, decode, image_details, read_bytes

# What Pillow says about broken metadata.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def image_file(path, **changes):
    status = path.stat()
    known = {"path": path.name, "source": path, "size": status.st_size, "mtime_ns": status.st_mtime_ns}
    return ImageFile(**(known | changes))


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once(format_, orientation, tmp_path):
    data = with_orientation(orientation, format_, quality=95)
    image = decode(data)
    assert image.size == (48, 32)
    assert looks_right(image)
    assert image.getexif().get(0x0112) is None
    path = tmp_path / "turned"
    path.write_bytes(data)
    details = image_details(image_file(path))
    assert (details.width, details.height) == (48, 32)


@pytest.mark.parametrize(
    "entry", [(3, 1, b"\0\0"), (3, 1, b"\x09\0"), (3, 1, b"\xff\xff"), (2, 2, b"x\0"), (7, 2, b"\xff\xff")]
)
def test_nonsense_orientation_is_ignored(entry):
    kind, count, value = entry
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHL", 1, 0x0112, kind, count) + value.ljust(4, b"\0") + bytes(4)
    assert looks_right(decode(encoded(quadrants(), "JPEG", quality=95, exif=exif)))


@pytest.mark.parametrize("exif", [b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*" + b"\xff" * 400])
def test_broken_exif_does_not_matter(exif, tmp_path):
    data = encoded(quadrants(), "JPEG", quality=95)
    data = data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:]
    assert looks_right(decode(data))
    (tmp_path / "a.jpg").write_bytes(data)
    assert image_details(image_file(tmp_path / "a.jpg")).width == 48


def test_draft_decodes_at_the_smallest_scale_that_is_large_enough():
    data = encoded(Image.new("RGB", (2000, 1000), "red"), "JPEG")
    sizes = {min_side: decode(data, min_side=min_side).size for min_side in (None, 125, 126, 224, 251, 501, 5000)}
    assert sizes == {
        None: (2000, 1000),
        125: (250, 125),
        126: (500, 250),
        224: (500, 250),
        251: (1000, 500),
        501: (2000, 1000),
        5000: (2000, 1000),
    }


def test_draft_knows_that_the_shorter_side_may_be_turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.new("RGB", (2000, 1000), "red"), "JPEG", exif=exif)
    assert decode(data, min_side=224).size == (250, 500)


def test_draft_changes_only_jpeg():
    assert decode(encoded(Image.new("RGB", (2000, 1000)), "PNG"), min_side=100).size == (2000, 1000)


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_first_frame(format_):
    options = {"save_all": True, "append_images": [Image.new("RGB", (48, 32), "black")] * 2}
    assert looks_right(decode(encoded(quadrants(), format_, **options)), tolerance=60)


def test_mpo_first_picture():
    assert looks_right(decode(encoded(quadrants(), "MPO", save_all=True, append_images=[Image.new("RGB", (48, 32))])))


def test_limit_on_pixels_is_on_the_header():
    with pytest.raises(UnreadableImageError, match=r"^too large: 40,000 x 30,000 pixels \(limit 200 megapixels\)$"):
        decode(bomb_png(40_000, 30_000))


def test_limit_can_be_set_and_is_inclusive():
    data = encoded(Image.new("L", (100, 50)), "PNG")
    assert decode(data, max_pixels=5000).size == (100, 50)
    with pytest.raises(UnreadableImageError, match=r"100 x 50 pixels \(limit 0.004999 megapixels\)"):
        decode(data, max_pixels=4999)


def test_the_global_limit_of_pillow_is_neither_used_nor_changed(monkeypatch, recwarn):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert decode(encoded(quadrants(), "JPEG")).size == (48, 32)
    assert decode(encoded(quadrants(), "PNG")).size == (48, 32)
    assert Image.MAX_IMAGE_PIXELS == 10
    assert not recwarn.list


def test_a_plugin_with_a_limit_of_its_own(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(UnreadableImageError, match="too large"):
        decode(encoded(quadrants(), "WEBP"))


@pytest.mark.parametrize("after_the_pixels", [False, True])
def test_a_very_long_text_does_not_cost_the_picture(after_the_pixels, tmp_path):
    data = encoded(quadrants(), "PNG")
    text = png_chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(PngImagePlugin.MAX_TEXT_CHUNK * 3)))
    place = data.index(b"IEND") - 4 if after_the_pixels else 33
    data = data[:place] + text + data[place:]
    assert looks_right(decode(data))
    (tmp_path / "a.png").write_bytes(data)
    check_header(image_file(tmp_path / "a.png"))


def test_postscript_is_never_opened(monkeypatch):
    monkeypatch.setattr("subprocess.Popen", lambda *args, **kwargs: pytest.fail("started a program"))
    eps = encoded(quadrants(), "EPS")
    with pytest.raises(UnreadableImageError, match=r"^this is not a picture$"):
        decode(eps)


@pytest.mark.parametrize(
    "error",
    [
        struct.error("x"),
        SyntaxError("x"),
        RecursionError("x"),
        EOFError("x"),
        KeyError("x"),
        OverflowError("x"),
        AssertionError("x"),
        zlib.error("x"),
    ],
)
def test_whatever_a_plugin_raises_is_one_error(monkeypatch, error):
    def fail(image):
        raise error

    monkeypatch.setattr(opening, "to_rgb", fail)
    with pytest.raises(UnreadableImageError, match=r"damaged|cut off") as caught:
        decode(encoded(quadrants(), "JPEG"))
    assert caught.value.__cause__ is error


def test_out_of_memory_is_said(monkeypatch):
    def fail(image):
        raise MemoryError

    monkeypatch.setattr(opening, "to_rgb", fail)
    with pytest.raises(UnreadableImageError, match="not enough memory"):
        decode(encoded(quadrants(), "JPEG"))


@pytest.mark.parametrize(
    "format_", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "JPEG2000", "HEIC", "ICO", "PPM"]
)
def test_cut_off_anywhere_or_flipped_bits_never_crash(format_):
    """Either a picture or the one error; a file without its second half is never taken for a picture."""
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (24, 24, 3), dtype=np.uint8))
    data = heic(noise) if format_ == "HEIC" else encoded(noise, format_)
    for length in {*range(min(len(data), 60)), *rng.integers(0, len(data), 40).tolist()}:
        if length > len(data) // 2:
            _decode_or_refuse(data[:length])
            continue
        with pytest.raises(UnreadableImageError):
            decode(data[:length])
    for _ in range(40):
        changed = bytearray(data)
        for place in rng.integers(0, len(data), 5):
            changed[place] = rng.integers(256)
        _decode_or_refuse(bytes(changed))


def _decode_or_refuse(data):
    try:
        assert decode(data, max_pixels=1_000_000).mode == "RGB"
    except UnreadableImageError as error:
        assert str(error)


def test_random_bytes_are_no_picture():
    rng = np.random.default_rng(3)
    for length in (1, 2, 15, 16, 17, 100, 5000):
        for _ in range(20):
            with pytest.raises(UnreadableImageError):
                decode(rng.bytes(length))


def test_decoding_is_thread_safe():
    kinds = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "GIF")
    files = [encoded(quadrants().rotate(angle), kind) for angle in (0, 45) for kind in kinds] + [heic(quadrants())]
    alone = [decode(data).tobytes() for data in files]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda data: decode(data).tobytes(), files * 20))
    assert together == alone * 20


def test_reading_what_is_not_there_any_more(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(quadrants(), "PNG"))
    image = image_file(path)
    path.unlink()
    for use in (read_bytes, check_header, image_details):
        with pytest.raises(UnreadableImageError, match=r"^it vanished meanwhile$"):
            use(image)
    path.mkdir()
    with pytest.raises(UnreadableImageError, match=r"folder|ordinary file|permission"):
        read_bytes(image)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_place_of_a_picture_does_not_hang(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    image = image_file(path)
    path.unlink()
    os.mkfifo(path)
    reasons = []

    def read():
        try:
            read_bytes(image)
        except UnreadableImageError as error:
            reasons.append(str(error))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(10)
    assert reasons == ["this is not an ordinary file"]


def test_no_permission(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"x")

    def refuse(*args, **kwargs):  # as root there is nothing that may not be read
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(opening.os, "open", refuse)
    with pytest.raises(UnreadableImageError, match=r"^no permission to read it$"):
        read_bytes(image_file(path))


def test_huge_files_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "MAX_FILE_BYTES", 2**20)
    path = tmp_path / "a.png"
    path.write_bytes(bytes(2**21))
    with pytest.raises(UnreadableImageError, match=r"too large: 2 MB \(limit 1 MB\)"):
        read_bytes(image_file(path))


def test_details(tmp_path):
    exif = Image.Exif()
    exif[0x0132] = "2020:01:02 03:04:05"
    exif.get_ifd(0x8769)[0x9003] = "2019:12:31 23:59:58"
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(quadrants(), "JPEG", exif=exif))
    details = image_details(image_file(path))
    assert (details.width, details.height, details.format) == (48, 32, "JPEG")
    assert details.n_bytes == path.stat().st_size
    assert details.taken == datetime(2019, 12, 31, 23, 59, 58)


def test_details_without_a_date_use_that_of_the_file(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(quadrants(), "PNG"))
    os.utime(path, (1_600_000_000, 1_600_000_000))
    assert image_details(image_file(path)).taken == datetime.fromtimestamp(1_600_000_000)
