"""kill -9 during an export: no file by halves under its name, and all that is there can be taken back."""

import errno
import functools
import math
import multiprocessing
import os
import random
import shutil
import signal
import sys
from pathlib import Path

import pytest
from exported_groups import grouped, snapshot, write_pictures

from imgcluster.keeping.exporting.journal import Journal
from imgcluster.keeping.exporting.manifest import Manifest, WrittenFile, find_manifests
from imgcluster.keeping.exporting.plan import plan_export
from imgcluster.keeping.exporting.run import run_export
from imgcluster.keeping.exporting.undo import undo_export

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="takes processes that begin at once")


@pytest.fixture
def out(tmp_path):
    """A folder in use."""
    write_pictures(tmp_path / "out", ["mine.jpg", "Dogs/a.jpg", "Cats/d.jpg"])
    return tmp_path / "out"


class Killed:
    """Exports of a few pictures, each in a process of its own that is ended by kill -9."""

    def __init__(self, pictures, out, how):
        labels = [0, 0, 1, -1]
        collection = write_pictures(pictures, [f"{n % 2}/{n}.jpg" for n in range(4)], n_bytes=30_000)
        self.plan = plan_export(grouped(collection, labels, ["Dogs", "New"]), how=how)
        self.pictures, self.out = pictures, out
        first = self.plan.files[0]  # the person made the same one before
        own = {"copy": shutil.copy2, "hardlink": os.link, "symlink": os.symlink}[how]
        own(first.image.source, out / first.path)
        self.before = snapshot(pictures), snapshot(out)
        self.whole = {file.image.source.read_bytes() for file in self.plan.files}

    def run(self, prepare=lambda: None, kill_after=None):
        def work():
            prepare()
            run_export(self.plan, self.out)

        process = multiprocessing.get_context("fork").Process(target=work)
        process.start()
        if kill_after is not None:
            process.join(kill_after)
            process.kill()
        process.join()
        return process.exitcode

    def check(self):
        """No file by halves under a final name; and all of it goes, and nothing else."""
        for path in self.out.rglob("*.jpg"):
            assert path.relative_to(self.out).as_posix() in self.before[1] or path.read_bytes() in self.whole
        if any(find_manifests(self.out)):
            assert undo_export(self.out).kept == ()
        assert (snapshot(self.pictures), snapshot(self.out)) == self.before


@pytest.fixture(params=["copy", "hardlink", "symlink"])
def killed(request, tmp_path, out):
    return Killed(tmp_path / "pictures", out, request.param)


def test_killed_at_20_random_moments(killed):
    drawn = random.Random(0)
    for _ in range(20):
        killed.run(kill_after=math.exp(drawn.uniform(math.log(0.001), math.log(0.1))))
        killed.check()


def test_killed_before_every_call_to_the_system(killed):
    """Just before the n-th file is opened, linked, removed ..., for every n."""
    calls = {"open", "os.link", "os.symlink", "os.mkdir", "os.remove", "os.rename", "os.utime"}

    def die_at(number):
        left = number

        def count(event, arguments):
            nonlocal left
            if event in calls and any(str(killed.out) in str(argument) for argument in arguments):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)

    number = 1
    while killed.run(prepare=functools.partial(die_at, number)) == -signal.SIGKILL:
        killed.check()
        number += 1
    killed.check()
    assert number > 2 * killed.plan.n_files


def test_killed_where_a_disk_has_no_links(tmp_path, out):
    """There a name is taken first and the file put in its place then: not even an empty one may be left."""
    killed = Killed(tmp_path / "pictures", out, "copy")

    def die():
        def refuse(self, target):
            raise PermissionError(errno.EPERM, "no links here")

        Path.hardlink_to = refuse  # in the process that ends
        Path.replace = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)

    assert killed.run(prepare=die) == -signal.SIGKILL
    assert (out / "Dogs" / "0 (2).jpg").stat().st_size == 0
    assert undo_export(out).kept == ()
    killed.check()


def test_killed_when_somebody_else_had_just_written_the_same_file(tmp_path, out):
    killed, target = Killed(tmp_path / "pictures", out, "copy"), out / "Dogs" / "2.jpg"

    def die():
        def link(self, part):
            if self == target:
                shutil.copy2(part, self)
                os.kill(os.getpid(), signal.SIGKILL)
            os.link(part, self)

        Path.hardlink_to = link  # in the process that ends

    assert killed.run(prepare=die) == -signal.SIGKILL
    assert undo_export(out).n_removed == 1
    assert target.exists()
    target.unlink()
    killed.check()


def test_a_journal_may_end_anywhere(tmp_path):
    """Each line is there before what it tells of: without its end, nothing of that was done."""
    manifest = Manifest(id="0123456789abcdef", name="x", scheme="{name}", how="symlink", created="")
    journal = Journal(tmp_path, manifest)
    journal.will_make("Wölfe 🐺")
    journal.will_write(WrittenFile(path="Wölfe 🐺/a.jpg", image="a.jpg", group="Wölfe", link="/a.jpg"))
    journal.close()
    whole = journal.path.read_bytes()
    for length in range(len(whole) + 1):
        journal.path.write_bytes(whole[:length])
        n_lines = whole[:length].count(b"\n")
        if n_lines > 1:
            (tmp_path / "Wölfe 🐺").mkdir()
        if n_lines > 2:
            (tmp_path / "Wölfe 🐺" / "a.jpg").symlink_to("/a.jpg")
        assert undo_export(tmp_path).kept == ()
        assert list(tmp_path.iterdir()) == []
