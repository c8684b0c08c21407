"""``python -m imgcluster open``: the app, with a project open in it."""

import argparse
import os
import subprocess
import sys
import threading
from pathlib import Path

from imgcluster.errors import FolderError, ImgClusterError
from imgcluster.keeping.projects.project_file import OPEN_VARIABLE, load_project
from imgcluster.pictures.home import expanded

__all__ = ["add_open", "run"]

_APP = Path(__file__).parents[2] / "app.py"
_STOPPED = (0, 130, -2)  # as a program ends that Ctrl+C stopped
_PATIENCE = 10  # seconds


def add_open(parser: argparse.ArgumentParser) -> None:
    """Add the file and the port."""
    parser.add_argument("project", metavar="FILE.imgcluster", help="what the app or the command cluster wrote")
    parser.add_argument("--port", type=int, metavar="N", help="where the app listens (default: 8501, or the next free)")


def run(options: argparse.Namespace, cancel: threading.Event) -> None:
    """Start the app on this computer alone, and wait until it ends; Ctrl+C ends it.

    Raises
    ------
    ProjectError
        It is no project that can be opened.
    FolderError
        The app is not there: the library was installed without it.
    """
    path = expanded(options.project).absolute()
    load_project(path)
    if not _APP.is_file():
        raise FolderError(
            f"The app is not there: {_APP} is missing.", hint="Start this command in the folder that imgcluster is in."
        )
    command = [sys.executable, "-m", "streamlit", "run", str(_APP), "--server.address", "127.0.0.1"]
    if options.port is not None:
        command += ["--server.port", str(options.port)]
    # In a terminal Ctrl+C reaches the app as well; from elsewhere it is passed on.
    with subprocess.Popen(command, env={**os.environ, OPEN_VARIABLE: str(path)}, cwd=_APP.parent) as app:
        while app.poll() is None:
            if cancel.wait(0.2):
                _end(app)
    if app.returncode not in _STOPPED and not cancel.is_set():
        raise ImgClusterError(f"The app ended with the code {app.returncode}.", hint="What it said above tells why.")


def _end(app: subprocess.Popen) -> None:
    app.terminate()
    try:
        app.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        app.kill()
