"""Files that are written whole or not at all, whatever happens meanwhile."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from imgcluster.errors import FolderError
from imgcluster.keeping.writing import write_aside

ROOT = Path(__file__).parents[2]
BUSY = """
import sys
from pathlib import Path
from imgcluster.keeping.writing import write_aside
print("begun", flush=True)
for number in range(10**9):
    write_aside(Path(sys.argv[1]), lambda file: [file.write(bytes([number % 256]) * 4096) for _ in range(200)])
"""


def is_whole(data, *, size):
    return len(data) == size and len(set(data)) == 1


def test_an_old_file_is_replaced(tmp_path):
    path = tmp_path / "a"
    for content in (b"old", b"new"):
        write_aside(path, lambda file, content=content: file.write(content))
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_what_the_writer_raises_is_passed_on_and_leaves_nothing(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail(file):
        file.write(b"half")
        raise KeyError("why")

    with pytest.raises(KeyError, match="why"):
        write_aside(path, fail)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_an_error_of_this_package(tmp_path):
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "folder", tmp_path / "missing" / "a"):
        with pytest.raises(FolderError, match="cannot be written") as error:
            write_aside(path, lambda file: file.write(b"x"))
        assert error.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="takes a system with pipes")
def test_what_is_no_ordinary_file_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for path in (tmp_path / "pipe", tmp_path / "link", Path("/"), Path(), tmp_path / ".."):
        with pytest.raises(FolderError, match="cannot be written: there is something of that name"):
            write_aside(path, lambda file: file.write(b"x"))
    with pytest.raises(FolderError, match="cannot be written"):
        write_aside(tmp_path / "nul\0", lambda file: file.write(b"x"))
    assert (tmp_path / "pipe").is_fifo() and (tmp_path / "link").is_symlink()
    assert len(list(tmp_path.iterdir())) == 2


def test_several_that_write_at_once_do_not_mix(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"0" * 1000)

    def write(letter):
        for _ in range(20):
            write_aside(path, lambda file: [file.write(letter * 100) for _ in range(10)])

    threads = [threading.Thread(target=write, args=(bytes([65 + number]),)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert is_whole(path.read_bytes(), size=1000)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_process_leaves_the_old_file_or_the_new(tmp_path):
    path, size = tmp_path / "a", 200 * 4096
    path.write_bytes(b"0" * size)
    for number in range(10):
        process = subprocess.Popen([sys.executable, "-c", BUSY, path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "begun\n"
        time.sleep(0.003 * number)
        process.kill()
        process.communicate()
        assert is_whole(path.read_bytes(), size=size)
