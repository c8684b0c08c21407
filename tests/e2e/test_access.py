"""In local mode, nobody but this computer, by its own names, gets to see anything: asked of a running server."""

import shutil
import socket

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

pytestmark = pytest.mark.e2e

SECRET = "privateholiday"


@pytest.fixture(scope="module")
def app(run_app, tmp_path_factory):
    """The app on every interface, as one may start it by mistake, with a folder that was opened before."""
    cache = tmp_path_factory.mktemp(SECRET)
    (cache / "recents.json").write_text(f'[{{"location": "/home/me/{SECRET}", "n_images": 5, "n_clusters": 3}}]')
    return run_app("app.py", env={"IMGCLUSTER_CACHE": str(cache)}, args=["--server.address=0.0.0.0"])


@pytest.fixture(scope="module")
def port(app):
    return int(app.url.rpartition(":")[2])


def own_address() -> str | None:
    """This machine's address in its network; no packet is sent for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = probe.getsockname()[0]
    return None if address.startswith("127.") else address


ADDRESS = own_address()
needs_a_network = pytest.mark.skipif(ADDRESS is None, reason="this machine has no address but loopback")


def is_refused(page):
    page.get_by_role("heading", name="Only on this computer").wait_for()
    content = page.content()
    assert SECRET not in content and "Handwritten" not in content and "/home" not in content
    assert page.get_by_test_id("stImage").count() == 0
    assert page.get_by_role("textbox").count() == 0 and page.locator("[data-testid=stMain] button").count() == 0


def test_this_computer_is_served(app, port, open_page):
    for name in ("127.0.0.1", "localhost"):
        page = open_page(f"http://{name}:{port}")
        page.get_by_role("button", name="Handwritten digits").wait_for()
        page.get_by_role("button", name=SECRET).wait_for()


@needs_a_network
@pytest.mark.parametrize("path", ["", "groups", "?c=digits", "groups?c=digits&k=3"])
def test_another_address_is_refused(app, port, open_page, path):
    page = open_page(f"http://{ADDRESS}:{port}/{path}")
    is_refused(page)


@pytest.fixture(scope="module")
def misled(browser):
    """A browser that takes evil.example for this computer, as a rebound name server makes it."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    arguments = ["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1", "--disable-background-networking"]
    chromium = browser.browser_type.launch(executable_path=executable, args=arguments)
    yield chromium
    chromium.close()


@pytest.mark.parametrize("path", ["", "groups?c=digits"])
def test_a_foreign_name_is_refused(app, port, misled, path):
    page = misled.new_page()
    page.goto(f"http://evil.example:{port}/{path}")
    is_refused(page)
    page.close()


def first_messages(address: str, port: int, headers: dict[str, str]) -> bytes:
    """Open a session by a bare websocket, as a program would, and return all that the first run of the page sends."""
    start = BackMsg()
    start.rerun_script.query_string = "c=digits"
    url = f"ws://{address}:{port}/_stcore/stream"
    received = b""
    try:
        with connect(url, additional_headers=headers, subprotocols=["streamlit"], max_size=None) as stream:
            stream.send(start.SerializeToString())
            patience = 60  # seconds; what comes after the first line of the page comes at once
            while True:
                received += stream.recv(timeout=patience)
                if b"Only on this computer" in received or b"Handwritten digits" in received:
                    patience = 1
    except (WebSocketException, TimeoutError):
        return received


def test_a_bare_websocket_from_here_is_served(port):
    assert SECRET.encode() in first_messages("127.0.0.1", port, {})  # so the tests below look in the right place


@pytest.mark.parametrize(
    "name", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", "localhost.evil.example"]
)
def test_a_bare_websocket_under_a_foreign_name_is_refused(port, name):
    received = first_messages("127.0.0.1", port, {"Host": name})
    assert SECRET.encode() not in received and b"Handwritten digits" not in received


@needs_a_network
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost"},
        {"Host": "localhost", "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"},
    ],
)
def test_a_bare_websocket_from_another_address_is_refused(port, headers):
    received = first_messages(ADDRESS, port, headers)
    assert SECRET.encode() not in received and b"Handwritten digits" not in received


def test_the_server_says_nothing_of_it_to_anybody(app):
    assert "Traceback" not in app.log.read_text()
