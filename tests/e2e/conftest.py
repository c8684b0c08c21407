"""A running app and a headless Chromium for the browser tests; without either they are skipped, and say why."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytest.register_assert_rewrite("map_driver", "map_modes", "screens")  # a failure says what was there instead

ROOT = Path(__file__).parents[2]
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",  # WebGL without a graphics card
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
]
# When a page's own address is opened first, Streamlit itself looks for its health there before it finds it above.
STREAMLITS_OWN = re.compile(r"404 \(Not Found\) http://[^/]+/\w+/_stcore/(health|host-config)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningApp:
    """One `streamlit run`, reachable at `url`; `log` is what it prints."""

    url: str
    process: subprocess.Popen
    log: Path

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def run_app(tmp_path_factory):
    """Start apps: `run_app(script, env={...}, args=[...])` returns a `RunningApp`, stopped when the tests are over.

    Each has a cache directory of its own unless `env` names one (IMGCLUSTER_CACHE).
    """
    apps: list[RunningApp] = []

    def start(script, *, env=None, args=()) -> RunningApp:
        port = free_port()
        directory = tmp_path_factory.mktemp("app")
        log = directory / "log.txt"
        options = {
            "server.port": port,
            "server.address": "127.0.0.1",
            "server.headless": "true",
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
        }
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / script)]
        command += [f"--{name}={value}" for name, value in options.items()]
        environment = {
            **os.environ,
            "IMGCLUSTER_CACHE": str(directory / "cache"),
            "PYTHONPATH": str(ROOT),
            **(env or {}),
        }
        with log.open("w") as output:
            process = subprocess.Popen(
                [*command, *args], env=environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
            )
        app = RunningApp(url=f"http://127.0.0.1:{port}", process=process, log=log)
        apps.append(app)
        wait_until_healthy(app)
        return app

    yield start
    for app in apps:
        app.stop()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_healthy(app: RunningApp, *, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and app.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the app did not start:\n{app.log.read_text()}")


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium, driven by Playwright."""
    playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("chromium is not installed")
    with playwright_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory):
    """A cache directory for all apps that need a grouped sample, so that the network sees it once."""
    return {"IMGCLUSTER_CACHE": str(tmp_path_factory.mktemp("shared-cache"))}


@pytest.fixture
def open_page(browser):
    """Open pages: `open_page(url, width=1280, height=900, dark=False)`.

    The test fails if one reports an error, or asks any other server than the one that it came from for anything.

    `prepare(page)` is called before the page is loaded, to listen to what it sends and receives.
    """
    contexts, errors, elsewhere = [], [], []

    def open_(url, *, width=1280, height=900, dark=False, prepare=None):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        context.set_default_timeout(90_000)  # other work may keep a small machine busy
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and errors.append(said(message)))
        origins = (origin(url), origin(url).replace("http", "ws", 1), "data:", "blob:")
        page.on("request", lambda request: request.url.startswith(origins) or elsewhere.append(request.url))
        page.on("websocket", lambda socket: socket.url.startswith(origins) or elsewhere.append(socket.url))
        if prepare is not None:
            prepare(page)
        page.goto(url)
        wait_for_script(page)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [error for error in errors if not STREAMLITS_OWN.search(error)] == []
    assert elsewhere == []


def said(message) -> str:
    return f"{message.text} {message.location.get('url', '')}".strip()


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


@pytest.fixture
def settled():
    """Give the function that waits until the app has run to its end."""
    return wait_for_script


def wait_for_script(page) -> None:
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']", timeout=90_000)
