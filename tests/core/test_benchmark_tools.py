"""What the benchmarks share: numbers and tables in Markdown, watched commands, variants of pictures."""

import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from benchmarks.clustimage import line
from benchmarks.common import apart, command, short, table
from benchmarks.variants import classes, write_variants
from benchmarks.watching import Run, watch
from imgcluster.pictures.finding import find_images


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (0.0, "0"), (1797, "1,797"), (np.int64(1797), "1,797"), (1797.2, "1,800"), (12.34, "12.3"),
        (1.234, "1.23"), (0.01234, "0.012"), (999.7, "1,000"), (-12.34, "-12.3"), (None, "-"), (float("nan"), "-"),
        (np.float32(0.5), "0.500"),
    ],
)  # fmt: skip
def test_numbers_have_three_digits(number, text):
    assert short(number) == text


def test_a_table_has_a_line_for_each_row():
    assert table(("", "s"), [("a", 1.0), ("b", None)]) == "| | s |\n|---|---|\n| a | 1.00 |\n| b | - |"
    assert table(("a",), []) == "| a |\n|---|"
    with pytest.raises(ValueError, match="2 cells in a table of 1"):
        table(("a",), [(1, 2)])


def test_the_command_is_told_without_folders(monkeypatch):
    main = SimpleNamespace(__spec__=SimpleNamespace(name="benchmarks.tree"))
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.setattr(sys, "argv", ["tree.py", "--folder", "/home/somebody/photos", "--images", "3"])
    assert command() == "`python -m benchmarks.tree --folder PHOTOS --images 3`"


def test_apart_is_another_process():
    assert apart(os.getpid) != os.getpid()
    with pytest.raises(ZeroDivisionError):
        apart(divmod, 1, 0)


def test_a_command_is_watched_until_it_ends():
    run = watch([sys.executable, "-c", "import os; print(os.environ['GIVEN'])"], limit=60, environment={"GIVEN": "1"})
    assert run.code == 0 and run.output.strip() == "1"


def test_a_command_that_takes_too_long_is_stopped_with_its_children(tmp_path):
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    run = watch([sys.executable, "-c", child], limit=0.2, folder=tmp_path)  # returns: nothing is waited for
    assert run.code is None


def test_a_command_that_fails_shows_why(capsys):
    assert watch([sys.executable, "-c", "raise SystemExit('no such thing')"], limit=60).code == 1
    assert "no such thing" in capsys.readouterr().err


def test_variants_lie_in_their_folders_and_are_all_different(tmp_path):
    for index, name in enumerate(("a/1.png", "b/2.png")):
        path = tmp_path / "few" / name
        path.parent.mkdir(parents=True)
        pixels = np.random.default_rng(index).integers(0, 256, (40, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
    images = find_images(tmp_path / "few").images
    folder = write_variants(images, tmp_path / "many", 23)
    found = sorted(folder.rglob("*.jpg"))
    assert len({path.read_bytes() for path in found}) == 23
    assert sorted(classes([str(path.relative_to(folder)) for path in found])) == 12 * ["a"] + 11 * ["b"]
    some = write_variants(3 * images[:1] + 3 * images[1:], tmp_path / "some", 2)
    assert sorted(path.parent.name for path in some.rglob("*.jpg")) == ["a", "b"]


@pytest.mark.parametrize(("code", "text"), [(None, "stopped"), (2, "code 2")])
def test_a_run_without_a_result_has_its_reason_in_the_table(code, text, tmp_path):
    run = Run(seconds=900.0, peak=100.0, code=code, output="")
    cells = line("other", run, 10.0, tmp_path, lambda: pytest.fail("nothing to read"))
    assert text in cells[1] and len(cells) == 7


def test_groups_are_compared_with_the_folders(tmp_path):
    run = Run(seconds=20.0, peak=100.0, code=0, output="")
    paths = ["a/1.jpg", "a/2.jpg", str(tmp_path / "b" / "3.jpg")]
    cells = line("ours", run, 10.0, tmp_path, lambda: (paths, [1, 1, 2]))
    assert cells == ["ours", 20.0, 2.0, 100.0, 2, 1.0, 1.0]
