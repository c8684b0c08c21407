"""A PDF of full-page pictures, written page by page: Pillow's own holds all pages in memory, or reads all at each one.

What is written is the least that ISO 32000-1 asks of a file: a catalogue, the pages, and for each of them one JPEG.
"""

import io
from collections.abc import Iterable
from typing import BinaryIO

from PIL import Image

__all__ = ["write_pdf"]

_POINTS = 72  # of an inch
_CATALOG, _PAGES, _INFO, _FIRST = 1, 2, 3, 4


def write_pdf(file: BinaryIO, pages: Iterable[Image.Image], *, resolution: int, title: str, quality: int = 88) -> int:
    """Write pages to a file as they come; the same pages give the same bytes.

    Parameters
    ----------
    file : binary file
        Only written to, from where it stands at 0.
    pages : iterable of PIL.Image.Image
        Mode RGB.
    resolution : int
        Pixels per inch: it gives the paper its size.
    title : str
    quality : int, default 88
        Of the JPEGs.

    Returns
    -------
    int
        The number of pages.
    """
    written = _Objects(file)
    kids: list[int] = []
    for page in pages:
        width, height = (f"{pixels * _POINTS / resolution:.2f}" for pixels in page.size)
        jpeg = io.BytesIO()
        page.save(jpeg, "JPEG", quality=quality)
        picture = _FIRST + 3 * len(kids)
        written.stream(
            picture,
            f"/Type /XObject /Subtype /Image /Width {page.width} /Height {page.height} /ColorSpace /DeviceRGB "
            "/BitsPerComponent 8 /Filter /DCTDecode",
            jpeg.getvalue(),
        )
        written.stream(picture + 1, "", f"q {width} 0 0 {height} 0 0 cm /P Do Q".encode())
        written.dictionary(
            picture + 2,
            f"/Type /Page /Parent {_PAGES} 0 R /MediaBox [0 0 {width} {height}] /Contents {picture + 1} 0 R "
            f"/Resources << /XObject << /P {picture} 0 R >> >>",
        )
        kids.append(picture + 2)
    written.dictionary(_CATALOG, f"/Type /Catalog /Pages {_PAGES} 0 R")
    written.dictionary(_PAGES, f"/Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}]")
    # UTF-16 with its mark, in hexadecimal: no character can end the text.
    text = b"\xfe\xff" + title.encode("utf-16-be", errors="replace")
    written.dictionary(_INFO, f"/Title <{text.hex()}> /Producer (imgcluster)")
    written.end()
    return len(kids)


class _Objects:
    """The objects of a PDF, and where each of them begins."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[int, int] = {}
        self._n_bytes = 0
        self._write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")  # bytes above 127 say that it is no text

    def dictionary(self, number: int, content: str) -> None:
        self._places[number] = self._n_bytes
        self._write(f"{number} 0 obj\n<< {content} >>\nendobj\n".encode("ascii"))

    def stream(self, number: int, content: str, data: bytes) -> None:
        self._places[number] = self._n_bytes
        self._write(f"{number} 0 obj\n<< {content} /Length {len(data)} >>\nstream\n".encode("ascii"))
        self._write(data)
        self._write(b"\nendstream\nendobj\n")

    def end(self) -> None:
        start, size = self._n_bytes, len(self._places) + 1
        lines = [f"{self._places[number]:010d} 00000 n \n" for number in range(1, size)]
        self._write(f"xref\n0 {size}\n0000000000 65535 f \n{''.join(lines)}".encode("ascii"))
        trailer = f"trailer\n<< /Size {size} /Root {_CATALOG} 0 R /Info {_INFO} 0 R >>\nstartxref\n{start}\n%%EOF\n"
        self._write(trailer.encode("ascii"))

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._n_bytes += len(data)
