"""The command line: what it prints, what it writes, and how it ends."""

import csv
import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from fake_extractor import write_images

from imgcluster import pipeline, results
from imgcluster.__main__ import main
from imgcluster.choosing.recommendation import recommend
from imgcluster.choosing.wording import sentence
from imgcluster.keeping.export import scan_table
from imgcluster.pipeline import cluster_images, scan_images

pytestmark = pytest.mark.usefixtures("network")

ROOT = Path(__file__).parents[2]

SLOW_RUN = """
import sys
sys.path.insert(0, {tests!r})
from fake_extractor import FakeExtractor
from imgcluster.extractors import registry
from imgcluster.extractors.extractor import Kind
fake = FakeExtractor(seconds_per_batch=0.3, log={log!r})
registry._KINDS[registry.DEFAULT_EXTRACTOR] = Kind(name=registry.DEFAULT_EXTRACTOR, make=lambda: fake)
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


def strict_json(text):
    """Read JSON as every language understands it: with null, and without NaN."""

    def refuse(name):
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


def as_json(recommendation):
    """Return what a recommendation becomes in JSON: its own fields, and no others."""
    fields = asdict(recommendation)
    fields["reasons"] = [
        {**reason, "value": None if math.isnan(reason["value"]) else reason["value"]} for reason in fields["reasons"]
    ]
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in fields.items()}


@pytest.mark.parametrize("arguments", [[], ["--k", "auto"]])
def test_how_many_is_said_first(photos, capsys, arguments):
    assert main(["cluster", str(photos), *arguments]) == 0
    printed = capsys.readouterr().out
    result = cluster_images(photos)
    assert printed.startswith(f"{sentence(recommend(result.scan))}\n")
    assert f"30 pictures in {result.clustering.n_clusters} groups" in printed


@pytest.mark.parametrize("chosen", [4, None])
def test_no_clear_number_is_explained(photos, monkeypatch, capsys, chosen):
    monkeypatch.setattr(pipeline, "recommend", lambda scan: replace(recommend(scan), k=chosen))
    monkeypatch.setattr("imgcluster.commands.cluster.sentence", lambda recommendation: "So many.")
    assert main(["cluster", str(photos)]) == 0
    first, second = capsys.readouterr().out.splitlines()[:2]
    assert first == "So many."
    assert ("--k" in second) == (chosen is None)


def test_how_many_in_json(photos, capsys):
    assert main(["cluster", str(photos), "--json"]) == 0
    result, expected = strict_json(capsys.readouterr().out), cluster_images(photos)
    assert result["sentence"] == sentence(expected.recommendation)
    assert result["recommendation"] == as_json(expected.recommendation)
    assert result["n_clusters"] == expected.clustering.n_clusters
    assert main(["cluster", str(photos), "--k", "3", "--json"]) == 0
    result = strict_json(capsys.readouterr().out)
    assert (result["n_clusters"], result["sentence"], result["recommendation"]) == (3, None, None)


@pytest.mark.parametrize("chosen", [4, None])
def test_table_of_scores(photos, monkeypatch, capsys, chosen):
    monkeypatch.setattr(pipeline, "recommend", lambda scan: replace(recommend(scan), k=chosen))
    monkeypatch.setattr(results, "sentence", lambda recommendation: "So many.")
    assert main(["scan-k", str(photos), "--k-max", "12", "--references", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("30 pictures")
    assert lines[-1] == "So many."
    assert any("1 file could not be used" in line for line in lines)
    heads, table = lines[1:3], lines[3:15]
    assert {len(line) for line in [heads[1], *table]} == {len(heads[1])}
    assert [line.split()[1] for line in table if line.startswith("*")] == ([str(chosen)] if chosen else [])
    _, rows = scan_table(scan_images(photos, k_max=12, n_references=3).scan)
    for line, row in zip(table, rows, strict=True):
        cells = line.removeprefix("*").split()
        assert [cell == "-" for cell in cells] == [value is None for value in row]
        for cell, value in zip(cells, row, strict=True):
            decimals = len(cell.partition(".")[2])
            assert cell == "-" or cell == f"{value:.{decimals}f}"


def test_scores_in_sentences_json_and_csv(photos, tmp_path, capsys):
    out = tmp_path / "scan.csv"
    assert main(["scan-k", str(photos), "--k-min", "3", "--k-max", "9", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    expected = scan_images(photos, k_min=3, k_max=9)
    assert printed.endswith(f"\n{sentence(recommend(expected.scan))}\n")
    assert f"Written to {out}." in printed
    header, rows = scan_table(expected.scan)
    with out.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert lines == [list(header), *(["" if value is None else str(value) for value in row] for row in rows)]
    assert main(["scan-k", str(photos), "--k-min", "3", "--k-max", "9", "--json"]) == 0
    result = strict_json(capsys.readouterr().out)
    assert [tuple(row.values()) for row in result["scores"]] == rows
    assert [tuple(row) for row in result["scores"]] == [header] * len(rows)
    assert result["sentence"] == sentence(expected.recommendation)
    assert result["recommendation"] == as_json(expected.recommendation)
    assert (result["n_images"], result["n_distinct"], result["n_references"]) == (30, 30, 10)
    assert result["skipped"][0]["path"] == "empty.png"


@pytest.mark.parametrize("n_images", [1, 2, 3])
@pytest.mark.parametrize("command", ["scan-k", "cluster"])
def test_very_small_folders(tmp_path, capsys, command, n_images):
    write_images(tmp_path / "few", n_images)
    assert main([command, str(tmp_path / "few"), "--out", str(tmp_path / "out.csv")]) == 0
    assert ("1 picture", "2 pictures", "3 pictures")[n_images - 1] in capsys.readouterr().out
    assert main([command, str(tmp_path / "few"), "--json"]) == 0
    assert strict_json(capsys.readouterr().out)["recommendation"]["k"] is None
    assert len((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()) == n_images + 1


def test_ctrl_c_keeps_finished_scores(photos, network, computed, capsys):
    computed.before = lambda k: signal.raise_signal(signal.SIGINT) if k == 5 else None
    assert main(["scan-k", str(photos), "--k-max", "9"]) == 130
    printed = capsys.readouterr()
    assert printed.err.strip().splitlines()[-1].startswith("Stopped. What was finished is kept.")
    assert printed.out == ""
    assert computed.ks == [1, 2, 3, 4, 5]
    computed.before = lambda k: None
    assert main(["scan-k", str(photos), "--k-max", "9"]) == 0
    assert computed.ks == list(range(1, 10))
    assert main(["scan-k", str(photos), "--k-max", "11"]) == 0
    assert computed.ks == list(range(1, 12))
    assert network.seen == 30


@pytest.mark.parametrize("command", ["scan-k", "cluster"])
def test_progress_names_the_stage(photos, capsys, monkeypatch, command):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert main([command, str(photos)]) == 0
    assert "Comparing numbers of groups: 100%" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (["--k-min", "5", "--k-max", "3"], ("5", "3")),
        (["--k-min", "0"], ("0", "30")),
        (["--references", "51"], ("51", "50")),
        (["--references", "0"], ("0", "50")),
        (["--extractor", "magic"], ("magic",)),
    ],
)
def test_senseless_scans_are_refused_before_any_work(photos, network, capsys, arguments, fragments):
    assert main(["scan-k", str(photos), *arguments]) == 1
    printed = capsys.readouterr()
    assert all(fragment in printed.err for fragment in fragments)
    assert len(printed.err.strip().splitlines()) == 1
    assert printed.out == ""
    assert network.seen == 0


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["missing"], "missing"),
        (["nothing"], "no picture"),
        (["photos", "--k", "99"], "99"),
        (["photos", "--k", "0"], "--k 0"),
        (["photos", "--k", "-3"], "--k -3"),
        (["photos", "--k", "2.5"], "--k 2.5"),
        (["photos", "--k", "abc"], "--k abc"),
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
    "arguments",
    [[], ["cluster"], ["cluster", "folder", "--sample", "digits"], ["cluster", "--k"], ["scan-k", "x", "--k-max", "y"]],
)
def test_wrong_words_show_the_usage(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("cluster", ("skipped.csv", "auto")),
        ("scan-k", ("--k-min", "--k-max", "--references", "gap statistic")),
    ],
)
def test_help_teaches(capsys, command, words):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    printed = capsys.readouterr().out
    for word in ("examples:", "--sample digits", "exit codes:", "network+colour:0.3", *words):
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
