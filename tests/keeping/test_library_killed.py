"""Programs that are ended while they save, and several that save at once: a project is the old one or the new one."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from some_projects import some_history, some_project

from imgcluster.editing.history import History
from imgcluster.keeping.projects.library import ProjectLibrary

ROOT = Path(__file__).parents[2]
N_IMAGES = 2000
BUSY = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_library_killed import version
from imgcluster.keeping.projects.library import ProjectLibrary
library, first, turns = ProjectLibrary(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
versions = [version(first), version(first + 1)]
while turns == 0:  # a new process each time that the last one was killed, without loading everything again
    if (child := os.fork()) == 0:
        break
    print(child, flush=True)
    os.waitpid(child, 0)
turn = 0
while turns == 0 or turn < turns:
    library.save(versions[turn % 2])
    turn += 1
"""


def version(number):
    """Return a project of which every part tells its number."""
    project = some_project(N_IMAGES, name=f"v{number}", n_clusters=number, choices={"number": number})
    history = some_history(N_IMAGES)
    return replace(project, history=History(edits=history.edits * (1 + number), n_done=number))


def number_of(project):
    """Return the number of a version, whole and not mixed with another."""
    number = project.n_clusters
    assert project == replace(version(number), changed=project.changed)
    return number


def start(directory, first, turns):
    return subprocess.Popen(
        [sys.executable, "-c", BUSY, directory, str(first), str(turns)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_program_killed_while_it_saves_leaves_the_old_project_or_the_new(tmp_path):
    library, rng = ProjectLibrary(tmp_path), random.Random(0)
    library.save(version(0))
    process, seen = start(tmp_path, 1, 0), set()
    child = int(process.stdout.readline())
    for _ in range(20):
        time.sleep(rng.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        child = int(process.stdout.readline())
        os.kill(child, signal.SIGSTOP)
        (summary,) = library.list()
        number = number_of(library.load(summary.id))
        assert (summary.name, summary.n_edits, summary.problem) == (f"v{number}", number, "")
        seen.add(number)
        os.kill(child, signal.SIGCONT)
    process.kill()
    os.kill(child, signal.SIGKILL)
    process.communicate()
    assert len(seen) > 1


def test_of_two_windows_that_save_at_once_one_wins_and_nothing_is_mixed(tmp_path):
    library = ProjectLibrary(tmp_path)
    library.save(version(0))
    processes = [start(tmp_path, first, 25) for first in (1, 3)]
    while any(process.poll() is None for process in processes):
        number_of(library.load(version(0).id))
        assert library.list()[0].problem == ""
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    assert library.list()[0].name == f"v{number_of(library.load(version(0).id))}"
    assert sorted(path.name for path in (library.directory / version(0).id).iterdir()) == [
        "project.imgcluster",
        "summary.json",
    ]
