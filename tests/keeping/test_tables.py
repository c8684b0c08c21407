"""Tables of where new pictures belong; and cells that a spreadsheet would compute, in all tables."""

import csv
import io

import numpy as np
import pytest
from kept_models import NAMES, some_model

from imgcluster.errors import FolderError
from imgcluster.keeping.export import (
    csv_bytes,
    prediction_table,
    write_groups_csv,
    write_predictions_csv,
    write_skipped_csv,
)
from imgcluster.pictures.collection import SkippedImage
from imgcluster.predicting.predict import predict

HARMLESS = ["plain.png", "a=b.png", "1+1.png", "'quoted", "", " =1", "Ünïcode 📷.png", "-12", "+3.5e-7", "0"]
FORMULAS = ['=cmd|"/c calc"!A1', "+1+cmd|' /C calc'!A0", "-dash.jpg", "-1+1", "@SUM(A1)", "\tA1", "\rA1", "\nA1", "＝1"]


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_no_text_is_a_formula(tmp_path):
    names = [*HARMLESS, *FORMULAS]
    write_skipped_csv(tmp_path / "s.csv", [SkippedImage(path=name, reason=name) for name in names])
    shown = [*HARMLESS, *(f"'{name}" for name in FORMULAS)]
    assert read(tmp_path / "s.csv")[1:] == [[name, name] for name in shown]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a\t+SUM(A1)|@x", "a\t'+SUM(A1)|'@x"),
        ("=a;-1", "'=a;'-1"),
        ('x;"=1', "x;'\"=1"),
        ("line\n=1\r＝2", "line\n'=1\r'＝2"),
        (";;\t=1", ";;\t'=1"),
        ("-0.5", "-0.5"),
        ("May - June; July | August", "May - June; July | August"),
    ],
)
def test_no_part_of_a_cell_is_a_formula_where_another_character_begins_the_next(tmp_path, text, cell):
    write_skipped_csv(tmp_path / "skipped.csv", [SkippedImage(path=text, reason=text)])
    assert read(tmp_path / "skipped.csv")[1:] == [[cell, cell]]
    assert list(csv.reader(io.StringIO(csv_bytes(["a"], [[text]]).decode(), newline=""))) == [["a"], [cell]]


def test_numbers_stay_numbers(tmp_path):
    write_groups_csv(
        tmp_path / "g.csv",
        paths=["=1", "b"],
        labels=np.array([-1, 0]),
        medoids=np.array([1]),
        distances=np.array([np.nan, 1e-12]),
        silhouettes=np.array([-0.5, -1.0]),
    )
    assert read(tmp_path / "g.csv")[1:] == [
        ["'=1", "-1", "false", "", "-0.5000"],
        ["b", "1", "true", "1e-12", "-1.0000"],
    ]


@pytest.fixture(scope="module")
def model():
    return some_model(method="hdbscan")


@pytest.fixture(scope="module")
def prediction(model):
    """Of a picture between two groups, of one with nothing in common with any, and of a known one of no group."""
    rng = np.random.default_rng(5)
    return predict(model, rng.uniform(0, 2, size=(3, 30)).astype(np.float32))


def test_the_table_says_what_the_prediction_says(model, prediction):
    header, rows = prediction_table(["a", "b", "c"], model, prediction)
    for number, row in enumerate(rows):
        answer = dict(zip(header, row, strict=True))
        label, other = prediction.labels[number], prediction.runners_up[number]
        assert answer["path"] == "abc"[number]
        assert (answer["group"], answer["cluster"]) == ((NAMES[label], label + 1) if label >= 0 else ("", -1))
        assert answer["runner_up"] == (NAMES[other] if other >= 0 else "")
        assert answer["none_of_these"] is bool(prediction.novelties[number] > prediction.thresholds[number])
        assert answer["nearest"] == model.paths[prediction.neighbors[number, 0]]
        assert answer["nearest_distance"] == prediction.neighbor_distances[number].min()
        for name, values in (
            ("probability", prediction.probabilities),
            ("runner_up_probability", prediction.runner_up_probabilities),
            ("novelty", prediction.novelties),
            ("threshold", prediction.thresholds),
        ):
            assert answer[name] == values[number]


def test_the_table_as_a_file(model, prediction, tmp_path):
    write_predictions_csv(tmp_path / "p.csv", ["=a", "b", "c"], model, prediction)
    header, *lines = read(tmp_path / "p.csv")
    expected_header, rows = prediction_table(["=a", "b", "c"], model, prediction)
    assert header == list(expected_header)
    for line, row in zip(lines, rows, strict=True):
        for cell, value in zip(line, row, strict=True):
            if isinstance(value, bool):
                assert cell == str(value).lower()
            elif isinstance(value, str):
                assert cell.removeprefix("'") == value and not cell.startswith("=")
            else:
                assert float(cell) == pytest.approx(value, rel=1e-5)
    with pytest.raises(FolderError):
        write_predictions_csv(tmp_path / "missing" / "p.csv", ["a", "b", "c"], model, prediction)
    with pytest.raises(ValueError, match="zip"):
        write_predictions_csv(tmp_path / "p.csv", ["a"], model, prediction)
    assert read(tmp_path / "p.csv")[1:] == lines
