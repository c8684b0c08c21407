"""A folder of odd and broken files, for every test that must survive one."""

import io
import os
import socket
import struct
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

__all__ = ["COLOURS", "OddImages", "encoded", "looks_right", "quadrants", "write_odd_images"]

WIDTH, HEIGHT = 48, 32
COLOURS = ((230, 20, 20), (20, 180, 20), (20, 20, 230), (240, 220, 20))
"""Top left, top right, bottom left, bottom right."""

_AS_STORED = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # orientation -> transpose that undoes it


@dataclass(frozen=True, slots=True, kw_only=True)
class OddImages:
    """What was written.

    Attributes
    ----------
    good : mapping of str
        Shown path -> "quadrants" where the four colours must be seen, otherwise what it is.
    bad : mapping of str
        Shown path -> a part of the reason.
    left_out : tuple of str
        Shown paths that must be mentioned nowhere.
    """

    good: Mapping[str, str]
    bad: Mapping[str, str]
    left_out: tuple[str, ...]


def quadrants() -> Image.Image:
    """Return a picture of four colours, 48 x 32: every turn, flip and change of colour shows."""
    pixels = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    rows, columns = slice(None, HEIGHT // 2), slice(None, WIDTH // 2)
    pixels[:] = COLOURS[3]
    pixels[rows] = COLOURS[1]
    pixels[:, columns] = COLOURS[2]
    pixels[rows, columns] = COLOURS[0]
    return Image.fromarray(pixels)


def looks_right(image: Image.Image, *, tolerance: int = 40) -> bool:
    """Whether a decoded image shows the four colours of `quadrants`, each in its place."""
    width, height = image.size
    places = ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
    seen = [image.getpixel((int(x * width), int(y * height))) for x, y in places]
    return image.mode == "RGB" and bool(np.abs(np.subtract(seen, COLOURS)).max() <= tolerance)


def encoded(image: Image.Image, format_: str, **options) -> bytes:
    """Return an image as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def heic(image: Image.Image) -> bytes:
    """Return an image as HEIC."""
    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, quality=95)
    return file.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG file."""
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))


def bomb_png(width: int, height: int) -> bytes:
    """Return a tiny PNG that declares a huge size."""
    header = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (png_chunk(b"IHDR", header), png_chunk(b"IDAT", zlib.compress(b"\0" * 1000)), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def with_orientation(orientation: int, format_: str = "JPEG", **options) -> bytes:
    """Return `quadrants` stored turned, with the EXIF orientation that puts it right."""
    turn = _AS_STORED[orientation]
    stored = quadrants() if turn is None else quadrants().transpose(Image.Transpose(turn))
    exif = Image.Exif()
    exif[0x0112] = orientation
    # As bytes: only then pillow_heif also writes HEIC's own turn, which alone counts there.
    return encoded(stored, format_, exif=exif.tobytes(), **options)


def _good_files() -> dict[str, tuple[bytes, str]]:
    picture = quadrants()
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    jpeg, grey = encoded(picture, "JPEG", quality=95), picture.convert("L")
    transparent = picture.copy()
    transparent.putalpha(255)
    frames = {"save_all": True, "append_images": [noise.resize(picture.size)], "duration": 100}
    deep = Image.fromarray(np.linspace(0, 65535, 48 * 32).astype(np.uint16).reshape(32, 48))
    broken_exif = jpeg[:2] + b"\xff\xe1\x00\x14Exif\0\0II*\0\xff\xff\xff\xff\0\0\0\0" + jpeg[2:]
    files = {
        "plain.jpg": (jpeg, "quadrants"),
        "UPPER.JPG": (jpeg, "quadrants"),
        "really a png.jpg": (encoded(picture, "PNG"), "quadrants"),
        "broken exif.jpg": (broken_exif, "quadrants"),
        "cmyk.jpg": (encoded(picture.convert("CMYK"), "JPEG", quality=95), "quadrants"),
        "progressive.jpeg": (encoded(picture, "JPEG", quality=95, progressive=True), "quadrants"),
        "cmyk.tif": (encoded(picture.convert("CMYK"), "TIFF"), "quadrants"),
        "palette.png": (encoded(picture.quantize(4), "PNG"), "quadrants"),
        "palette and transparency.png": (encoded(transparent.quantize(8), "PNG"), "quadrants"),
        "alpha.png": (encoded(transparent, "PNG"), "quadrants"),
        "alpha.webp": (encoded(transparent, "WEBP", lossless=True), "quadrants"),
        "animated.gif": (encoded(picture, "GIF", **frames), "quadrants"),
        "animated.webp": (encoded(picture, "WEBP", lossless=True, **frames), "quadrants"),
        "animated.png": (encoded(picture, "PNG", **frames), "quadrants"),
        "pages.tiff": (encoded(picture, "TIFF", **{**frames, "compression": "tiff_lzw"}), "quadrants"),
        "phone.heic": (heic(picture), "quadrants"),
        "PHONE.HEIF": (heic(picture), "quadrants"),
        "new.avif": (encoded(picture, "AVIF", quality=95), "quadrants"),
        "jpeg2000.jp2": (encoded(picture, "JPEG2000"), "quadrants"),
        "old.bmp": (encoded(picture, "BMP"), "quadrants"),
        "old.tga": (encoded(picture, "TGA"), "quadrants"),
        "old.pcx": (encoded(picture, "PCX"), "quadrants"),
        "old.ppm": (encoded(picture, "PPM"), "quadrants"),
        "icon.ico": (encoded(picture.resize((48, 48)), "ICO", sizes=[(48, 48)]), "quadrants"),
        "grey.png": (encoded(grey, "PNG"), "grey"),
        "grey and alpha.png": (encoded(grey.convert("LA"), "PNG"), "grey with alpha"),
        "1 bit.png": (encoded(grey.convert("1"), "PNG"), "black and white"),
        "1 bit.tif": (encoded(grey.convert("1"), "TIFF", compression="group4"), "black and white"),
        "16 bit.png": (encoded(deep, "PNG"), "16-bit grey"),
        "16 bit.tif": (encoded(deep, "TIFF"), "16-bit grey"),
        "float.tif": (encoded(grey.convert("F"), "TIFF"), "floats"),
        "1x1.png": (encoded(Image.new("RGB", (1, 1), "red"), "PNG"), "one pixel"),
        "narrow.png": (encoded(Image.new("RGB", (1, 5000), "red"), "PNG"), "1 x 5000"),
        "no extension known by its folder/same name.jpg": (jpeg, "quadrants"),
        "another folder/same name.jpg": (encoded(noise, "JPEG"), "noise"),
        "folder.png/inside.jpg": (jpeg, "quadrants"),
    }
    files |= {f"turned {k}.jpg": (with_orientation(k, quality=95), "quadrants") for k in _AS_STORED}
    names = (
        'it\'s "quoted".jpg',
        "emoji 🐱.jpg",
        "-dash.jpg",
        "100%.jpg",
        "=1+1.jpg",
        "ünïcödé.jpg",
        "x" * 196 + ".jpg",
    )
    if sys.platform == "win32":
        names = tuple(name for name in names if '"' not in name)
    else:
        names += ("new\nline.jpg", "back\\slash.jpg", "<b>html & co.jpg")
    return files | dict.fromkeys(names, (jpeg, "quadrants"))


def _bad_files() -> dict[str, tuple[bytes, str]]:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    whole = {kind: encoded(noise, kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "JPEG2000")}
    whole["HEIC"] = heic(noise)
    cut = {f"cut off.{kind.lower()}": (data[: len(data) // 2], "cut off") for kind, data in whole.items()}
    cut["cut off.jp2"] = cut.pop("cut off.jpeg2000")
    damaged = bytearray(whole["PNG"])
    damaged[100:200] = bytes(100)
    page = b"<!DOCTYPE html><html><body>Not found</body></html>"
    return cut | {
        "only a beginning.jpg": (whole["JPEG"][:30], "cut off"),
        "only a beginning.png": (whole["PNG"][:20], "cut off"),
        "damaged.png": (bytes(damaged), "damaged"),
        "empty.jpg": (b"", "empty"),
        "text.jpg": (b"This is no picture.\n" * 20, "not a picture"),
        "Python text.png": (b"Python 3 is a language.\nP5 is a format.\n", "not a picture"),
        "page.png": (page, "not a picture"),
        "postscript.jpg": (
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n",
            "not a picture",
        ),
        "zeros.jpg": (bytes(5000), "not a picture"),
        "random.gif": (np.random.default_rng(2).bytes(3000), "not a picture"),
        "bomb.png": (bomb_png(40_000, 30_000), "40,000 x 30,000 pixels"),
        "camera.CR2": (b"II*\0raw", "RAW"),
        "drawing.svg": (b"<svg/>", "drawing"),
    }


def _write_special(folder: Path, outside: Path) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Write what only some systems have: links, pipes, sockets, names that are not UTF-8, files without permission."""
    good: dict[str, str] = {}
    bad: dict[str, str] = {}
    (outside / "secret.jpg").write_bytes(encoded(quadrants(), "JPEG"))
    (folder / "link to one inside.jpg").symlink_to("plain.jpg")
    (folder / "circle").symlink_to(folder, target_is_directory=True)
    (folder / "link to hidden.jpg").symlink_to(".hidden.jpg")
    good["link to hidden.jpg"] = "quadrants"
    for name, target, reason in (
        ("link out.jpg", outside / "secret.jpg", "leads out"),
        ("folder link out", outside, "leads out"),
        ("link to nothing.jpg", folder / "nothing.jpg", "not there"),
        ("link to itself.jpg", "link to itself.jpg", "circle"),
    ):
        (folder / name).symlink_to(target)
        bad[name] = reason
    os.mkfifo(folder / "pipe.jpg")
    bad["pipe.jpg"] = "not an ordinary file"
    here = Path.cwd()
    os.chdir(folder)  # a socket's path may have no more than some hundred bytes
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket.jpg")
        bad["socket.jpg"] = "not an ordinary file"
    finally:
        os.chdir(here)
    if sys.platform == "linux":
        (folder / os.fsdecode(b"latin-\xe9.jpg")).write_bytes(encoded(quadrants(), "JPEG"))
        good["latin-\N{REPLACEMENT CHARACTER}.jpg"] = "quadrants"
    if os.geteuid() != 0:  # the superuser may read everything
        (folder / "no permission.jpg").write_bytes(b"x")
        (folder / "no permission.jpg").chmod(0)
        bad["no permission.jpg"] = "permission"
    return good, bad, ["link to one inside.jpg", "circle"]


def write_odd_images(folder: Path) -> OddImages:
    """Write about 80 odd and broken files into an empty folder, and one outside of it, into "<folder> outside"."""
    good_files, bad_files = _good_files(), _bad_files()
    hidden = dict.fromkeys((".hidden.png", "Thumbs.db", "desktop.ini", "__MACOSX/._plain.jpg", ".folder/a.jpg"), b"x")
    hidden |= {".hidden.jpg": good_files["plain.jpg"][0], "notes.txt": b"text", "film.mp4": b"film", "inner.zip": b"PK"}
    contents = {name: content for name, (content, _) in (good_files | bad_files).items()} | hidden
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    good = {name: description for name, (_, description) in good_files.items()}
    bad = {name: reason for name, (_, reason) in bad_files.items()} | {"folder.png": "this is a folder"}
    left_out = list(hidden)
    if hasattr(os, "mkfifo"):
        outside = folder.with_name(folder.name + " outside")
        outside.mkdir()
        special_good, special_bad, special_left_out = _write_special(folder, outside)
        good, bad, left_out = good | special_good, bad | special_bad, left_out + special_left_out
    return OddImages(good=good, bad=bad, left_out=tuple(left_out))
