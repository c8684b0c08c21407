"""The app without a browser: Streamlit's AppTest, a stand-in for the network, and events of our own components."""

import sys
import time
from pathlib import Path

import pytest
import streamlit as st
from fake_extractor import FakeExtractor, write_images
from streamlit.testing.v1 import AppTest

from imgcluster.extractors import registry
from imgcluster.extractors.extractor import Kind
from imgcluster.jobs import JobState
from imgcluster.keeping.projects.library import ProjectLibrary
from imgcluster.ui.register import jobs

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_server(monkeypatch, own_cache):
    """Each test has a server of its own, with no job and no cached result of another."""
    monkeypatch.delenv("IMGCLUSTER_HOSTED", raising=False)
    monkeypatch.setattr("streamlit.runtime.context._get_client_context", lambda: None)  # no browser
    monkeypatch.setattr("imgcluster.maps.layout._umap", quick_map)
    st.cache_resource.clear()
    yield
    running = list(jobs()._jobs.values())
    jobs().forget("")
    for job in running:
        job.wait(10)
    st.cache_resource.clear()


def quick_map(space, plane, options, random_state, cancel):
    """Stand in for UMAP, which takes seconds: the sketch, turned."""
    return plane[:, ::-1]


@pytest.fixture(autouse=True)
def network(monkeypatch) -> FakeExtractor:
    """The stand-in for the network; set its `seconds_per_batch` to make it slow."""
    fake = FakeExtractor()
    monkeypatch.setitem(
        registry._KINDS, registry.DEFAULT_EXTRACTOR, Kind(name=registry.DEFAULT_EXTRACTOR, make=lambda: fake)
    )
    monkeypatch.setattr("imgcluster.stages.naming._words", lambda vectors, groups: {})  # it knows no classes
    monkeypatch.setattr("imgcluster.ui.groups.editing.names._PAUSE", 0)
    return fake


addresses: list[dict[str, str | None]] = []


@pytest.fixture(autouse=True)
def no_browser(monkeypatch):
    """Note what a page writes into its address, which only a browser has."""
    addresses.clear()
    monkeypatch.setattr("imgcluster.ui.components.address._component", lambda *, key, data: addresses.append(data))


def readable(markdown: str) -> str:
    """Return what one reads: without what keeps names from being read as Markdown, and lines from ending somewhere."""
    return markdown.replace("\\", "").replace("\u2060", "").replace("\u00a0", " ")


N_IMAGES, MOST = 150, 12


@pytest.fixture
def photos(tmp_path):
    """A folder of pictures."""
    write_images(tmp_path / "photos", N_IMAGES)
    return tmp_path / "photos"


@pytest.fixture
def kept(own_cache):
    """The projects on the disk."""
    return ProjectLibrary(own_cache)


@pytest.fixture
def few_clusters(monkeypatch):
    """So that most of the time does not go into groups that no test looks at."""
    monkeypatch.setattr("imgcluster.ui.background.MAX_CLUSTERS", MOST)


class Visit:
    """One browser session: the app, and what a person does in it."""

    def __init__(self, monkeypatch, query: dict[str, str]) -> None:
        self._monkeypatch = monkeypatch
        self.app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        self.app.query_params.update(query)
        self.run()

    def run(self) -> "Visit":
        """Run the page again, as a click does; nothing may ever end in a traceback."""
        self.app.run()
        assert not self.app.exception, self.app.exception[0].value
        return self

    def settle(self) -> "Visit":
        """Wait for the work in the background, as the page does every half second."""
        end = time.monotonic() + 30
        while any(job.state is JobState.RUNNING for job in list(jobs()._jobs.values())):
            assert time.monotonic() < end
            time.sleep(0.02)
        return self.run()

    def click(self, label: str) -> "Visit":
        """Press the button of that label."""
        buttons = [button for button in self.app.button if readable(button.label) == label]
        assert len(buttons) == 1, self.labels
        buttons[0].click()
        return self.run()

    def type_path(self, path: object) -> "Visit":
        """Type into the field for the folder, press Enter, wait for the scan."""
        self.app.text_input("folder_path").input(str(path))
        return self.run().settle()

    def go(self, screen: str) -> "Visit":
        """Open a screen by the navigation."""
        self.app.switch_page(f"pages/{screen}.py")
        return self.run()

    def happen(self, component: str, name: str, value: object) -> "Visit":
        """Let a component of ours report something, as a browser does; it is seen in the run after that."""

        def event(key: str, asked: str) -> object:
            return value if (key, asked) == (component, name) else None

        def deliver(read, on_event):
            if on_event is not None and (happened := read()) is not None:
                on_event(happened)
            return lambda: None

        with self._monkeypatch.context() as patch:
            # By their names: the package's own `gallery` is the function.
            for module in ("gallery", "map", "paste", "side_by_side"):
                patch.setattr(sys.modules[f"imgcluster.ui.components.{module}"], "event", event)
                patch.setattr(sys.modules[f"imgcluster.ui.components.{module}"], "deliver", deliver)
            self.run()
        return self.run()

    def group(self, folder: object) -> "Visit":
        """Choose a folder, start, and look at its groups."""
        self.type_path(folder).click("Start").settle()
        return self if self.screen == "groups" else self.go("groups").settle()

    @property
    def address(self) -> dict[str, str]:
        """The query parameters that the page wrote into its address last."""
        return {name: value for name, value in (addresses[-1] if addresses else {}).items() if value is not None}

    @property
    def screen(self) -> str:
        """Which screen is there, of Pictures and Groups."""
        return "pictures" if self.app.title else "groups"

    @property
    def labels(self) -> list[str]:
        """The labels of all buttons."""
        return [readable(button.label) for button in self.app.button]

    @property
    def metrics(self) -> dict[str, str]:
        """What was found."""
        return {metric.label: metric.value for metric in self.app.metric}

    @property
    def text(self) -> str:
        """All that one can read on the page, errors with their titles."""
        app = self.app
        alerts = [part for alert in (*app.error, *app.info) for part in (alert.proto.title, alert.value)]
        places = (*app.title, *app.header, *app.markdown, *app.caption)
        return readable("\n".join([*alerts, *(str(place.value) for place in places)]))

    @property
    def title(self) -> str | None:
        """The largest line on the page, None where there is none."""
        return readable(self.app.title[0].value) if self.app.title else None


@pytest.fixture
def visit(monkeypatch):
    """Open the app: `visit(c="digits")` opens it with a query."""
    return lambda **query: Visit(monkeypatch, query)
