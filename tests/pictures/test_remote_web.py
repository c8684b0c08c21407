"""Pictures on a web server, of this computer: one that sends whole files, and lists them without their sizes."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from odd_images import encoded, quadrants

from imgcluster.pictures.finding import check_headers, find_images
from imgcluster.pictures.opening import read_bytes
from imgcluster.pictures.remote import read_address

pytest.importorskip("fsspec", reason="pip install -r requirements-cluster.txt")
pytest.importorskip("aiohttp", reason="pip install aiohttp")

PNG = encoded(quadrants(), "PNG")
MANY = 2**26  # more than waits in the buffers between the server and its reader


class Silent(SimpleHTTPRequestHandler):
    sent = 0

    def log_message(self, *_):
        pass

    def do_GET(self):
        if not self.path.endswith("endless.png"):
            return super().do_GET()
        self.send_response(200)
        self.end_headers()
        try:
            while type(self).sent < MANY:
                type(self).sent += self.wfile.write(bytes(2**16))
        except OSError:  # enough was read
            pass


@pytest.fixture
def address(tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=tmp_path)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_they_are_found_and_read(address, tmp_path):
    (tmp_path / "photos" / "sub").mkdir(parents=True)
    for name in ("a.png", "sub/b.png"):
        (tmp_path / "photos" / name).write_bytes(PNG)
    (tmp_path / "photos" / "empty.png").touch()
    collection = find_images(f"{address}/photos", remote=True)
    assert collection.paths == ("a.png", "empty.png", "sub/b.png")
    assert [read_bytes(image) for image in collection.images] == [PNG, b"", PNG]
    checked = check_headers(collection)
    assert checked.paths == ("a.png", "sub/b.png")
    assert [image.reason for image in checked.skipped] == ["the file is empty"]


def test_no_more_is_read_than_is_asked_for(address):
    assert read_address(f"{address}/endless.png", max_bytes=100_000) == bytes(100_000)
    assert Silent.sent < MANY


def test_it_is_not_there(address):
    with pytest.raises(FileNotFoundError):
        read_address(f"{address}/a.png", max_bytes=10)
