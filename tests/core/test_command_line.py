"""The command line: what it prints, what it writes, and how it ends."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_extractor import write_images

from imgcluster.__main__ import main

pytestmark = pytest.mark.usefixtures("network")

ROOT = Path(__file__).parents[2]

SLOW_RUN = """
import sys
sys.path.insert(0, {tests!r})
from fake_extractor import FakeExtractor
from imgcluster.features import extractors
extractors._EXTRACTORS[extractors.DEFAULT_EXTRACTOR] = FakeExtractor(seconds_per_batch=0.3, log={log!r})
from imgcluster.__main__ import main
sys.exit(main(["cluster", {folder!r}, "--k", "2"]))
"""


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", 30)
    (tmp_path / "photos" / "empty.png").touch()
    return tmp_path / "photos"


def test_sentences_and_files(photos, tmp_path, capsys):
    out = tmp_path / "groups.csv"
    assert main(["cluster", str(photos), "--k", "3", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "30 pictures in 3 groups" in printed
    assert "empty.png" in printed
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["path", "cluster", "is_medoid", "distance", "silhouette"]
    assert {row["cluster"] for row in rows} == {"1", "2", "3"}
    assert sum(row["is_medoid"] == "true" for row in rows) == 3
    assert (tmp_path / "skipped.csv").read_text(encoding="utf-8").splitlines()[1].startswith("empty.png,")


def test_json_is_all_that_is_printed(photos, capsys):
    assert main(["cluster", str(photos), "--k", "4", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n_images"], result["n_clusters"]) == (30, 4)
    assert sum(cluster["size"] for cluster in result["clusters"]) == 30
    assert {image["cluster"] for image in result["images"]} == {1, 2, 3, 4}
    assert result["skipped"][0]["path"] == "empty.png"
    assert -1 <= result["silhouette"] <= 1


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["missing"], "missing"),
        (["nothing"], "no picture"),
        (["photos", "--k", "99"], "99"),
        (["photos", "--k", "0"], "0"),
        (["photos", "--extractor", "magic"], "magic"),
        (["photos", "--out", "nowhere/groups.csv"], "nowhere"),
        (["photos/0000.png"], "0000.png"),
    ],
)
def test_errors_are_one_sentence_and_exit_code_1(photos, tmp_path, monkeypatch, capsys, arguments, fragment):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nothing").mkdir()
    assert main(["cluster", *arguments]) == 1
    printed = capsys.readouterr()
    assert fragment in printed.err.lower()
    assert len(printed.err.strip().splitlines()) == 1
    assert "Traceback" not in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    "arguments", [[], ["cluster"], ["cluster", "folder", "--sample", "digits"], ["cluster", "--k"]]
)
def test_wrong_words_show_the_usage(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_help_teaches(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["cluster", "--help"])
    assert stopped.value.code == 0
    printed = capsys.readouterr().out
    for word in ("examples:", "--sample digits", "exit codes:", "skipped.csv", "efficientnet_lite0"):
        assert word in printed


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_keeps_what_is_done(photos, tmp_path, own_cache):
    write_images(photos, 200)
    log = tmp_path / "log"
    script = SLOW_RUN.format(tests=str(ROOT / "tests"), log=str(log), folder=str(photos))
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 60
    while not log.exists() and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip().splitlines()[-1].startswith("Stopped.")
    assert "Traceback" not in errors
    before = sum(map(int, log.read_text().split()))
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False).returncode == 0
    assert sum(map(int, log.read_text().split())) == 200
    assert 0 < before < 200
