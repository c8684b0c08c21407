"""Files that are made when somebody asks for them, and saved piece by piece: they lie on the disk, not in memory."""

import contextlib
import hashlib
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from imgcluster.cache import DOWNLOADS_DIRECTORY, Workspace
from imgcluster.jobs import Job, JobState
from imgcluster.pictures.collection import SkippedImage
from imgcluster.progress import ProgressCallback
from imgcluster.ui.components.download import Download, download
from imgcluster.ui.export.work import left_out, show_work
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.messages import file_size, plain
from imgcluster.ui.project.source import Source
from imgcluster.ui.register import jobs

__all__ = ["Offer", "Prepared", "offer_file"]

_SAVED = "export_saved"  # session state: what was saved last, by kind
_FORGOTTEN = 24 * 3600  # seconds after which nobody saves what a server that was killed left behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A file that can be made.

    Attributes
    ----------
    kind : str
        One word; of each kind there is one file at a time.
    content : tuple of str
        All that the file depends on; when it changes, another file is made.
    name, mime : str
        Of the file.
    button : str
        Its label.
    help : str
    icon : str
    write : callable
        ``write(path, progress, cancel)`` makes the file, and returns what had to be left out. It runs in a thread.
    """

    kind: str
    content: tuple[str, ...]
    name: str
    mime: str
    button: str
    help: str
    icon: str = ":material/build:"
    write: Callable[[Path, ProgressCallback, threading.Event], Sequence[SkippedImage] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A file that was made."""

    path: Path
    size: int
    skipped: tuple[SkippedImage, ...]

    def read(self, start: int, size: int) -> bytes | None:
        """Return so many bytes from there on, None where the file is not there any more."""
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                return file.read(size)
        except OSError:
            return None


def offer_file(source: Source, offer: Offer) -> None:
    """Offer to make a file; while that is done show how far it is, and then let it be saved."""
    workspace = Workspace.default() if source.kind == "file" else workspace_of(source)
    directory = _directory(str(workspace.directory / DOWNLOADS_DIRECTORY))
    key = _key(directory, offer)
    job = jobs().get(key)
    if job is not None and job.state is JobState.DONE:
        left_out(job.result.skipped)
        _offer_download(directory, offer, job.result)
        return
    stopped = "Nothing of it was kept."
    if show_work(job, key=f"prepare-{offer.kind}", stopped=stopped):
        return
    st.button(
        offer.button,
        key=f"prepare-{offer.kind}",
        icon=offer.icon,
        help=offer.help,
        on_click=partial(_start, directory, key, offer),
    )
    saved = st.session_state.get(_SAVED, {}).get(offer.kind)
    if saved is not None and job is None:
        st.caption(f":material/check: Saved {plain(saved)}. It is where your browser puts downloads.")


def _offer_download(directory: Path, offer: Offer, prepared: Prepared) -> None:
    offered = Download(
        read=prepared.read,
        size=prepared.size,
        token=prepared.path.name,
        name=offer.name,
        mime=offer.mime,
        label=f"Save {offer.name} ({file_size(prepared.size)})",
    )
    download(offered, key=f"save-{offer.kind}", on_saved=partial(_forget_saved, directory, offer))


def _start(directory: Path, key: str, offer: Offer) -> Job[Prepared]:
    _forget(directory, offer.kind)
    path = directory / f"{offer.kind}-{secrets.token_hex(8)}"

    def prepare(progress: ProgressCallback, cancel: threading.Event) -> Prepared:
        directory.mkdir(parents=True, exist_ok=True)
        skipped = offer.write(path, progress, cancel) or ()
        return Prepared(path=path, size=path.stat().st_size, skipped=tuple(skipped))

    return jobs().start(key, prepare)


def _forget_saved(directory: Path, offer: Offer) -> None:
    st.session_state.setdefault(_SAVED, {})[offer.kind] = offer.name
    _forget(directory, offer.kind)


def _forget(directory: Path, kind: str) -> None:
    """Stop what makes a file of this kind, and remove what was made."""
    jobs().forget(_prefix(directory, kind))
    for path in directory.glob(f"{kind}-*"):
        with contextlib.suppress(OSError):
            path.unlink()


def _key(directory: Path, offer: Offer) -> str:
    content = "\0".join((*offer.content, offer.name))
    digest = hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    return _prefix(directory, offer.kind) + digest


def _prefix(directory: Path, kind: str) -> str:
    return f"export/{directory.name}/{kind}/"


def _release(directory: Path) -> None:
    jobs().forget(f"export/{directory.name}/")
    shutil.rmtree(directory, ignore_errors=True)


@st.cache_resource(scope="session", on_release=_release, show_spinner=False)
def _directory(parent: str) -> Path:
    """Return this session's own place for files that wait to be saved; it goes with the session."""
    place = Path(parent)
    place.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        for old in place.iterdir():
            if time.time() - old.lstat().st_mtime > _FORGOTTEN:
                shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix="session-", dir=place))
