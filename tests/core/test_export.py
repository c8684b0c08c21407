"""CSV files: exactly the columns that are promised, written whole or not at all."""

import csv

import numpy as np
import pytest

from imgcluster.choosing.scan import scan_k
from imgcluster.errors import FolderError
from imgcluster.finding.summary import summarize
from imgcluster.keeping.export import (
    cluster_number,
    scan_table,
    write_groups_csv,
    write_scan_csv,
    write_skipped_csv,
)
from imgcluster.pictures.collection import SkippedImage

ODD_NAMES = ["plain.png", 'quo"te,comma.png', "line\nbreak.png", "Ünïcode 📷.png"]


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path, paths=ODD_NAMES):
    write_groups_csv(
        path,
        paths=paths,
        labels=np.array([0, 1, -1, 0], dtype=np.int16),
        medoids=np.array([3, 1]),
        distances=np.array([0.5, 0.0, 1.25, 1e-9], dtype=np.float32),
        silhouettes=np.array([0.123456, -1, 0, 1], dtype=np.float32),
    )


def test_one_line_for_each_image(tmp_path):
    write(tmp_path / "groups.csv")
    header = (tmp_path / "groups.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "path,cluster,is_medoid,distance,silhouette"
    rows = read(tmp_path / "groups.csv")
    assert [row["path"] for row in rows] == ODD_NAMES
    assert [row["cluster"] for row in rows] == ["1", "2", "-1", "1"]
    assert [row["is_medoid"] for row in rows] == ["false", "true", "false", "true"]
    assert [float(row["distance"]) for row in rows] == pytest.approx([0.5, 0, 1.25, 1e-9])
    assert [row["silhouette"] for row in rows] == ["0.1235", "-1.0000", "0.0000", "1.0000"]


def test_noise_has_no_distance(tmp_path):
    labels, coordinates = np.array([-1, 0, 0, -1]), np.array([[0, 0], [1, 1], [1, 3], [9, 9]])
    for number, some in enumerate((labels, np.full(4, -1))):
        summary = summarize(coordinates, some)
        path = tmp_path / f"{number}.csv"
        write_groups_csv(
            path,
            paths=ODD_NAMES,
            labels=some,
            medoids=summary.medoids,
            distances=summary.distances,
            silhouettes=np.zeros(4),
        )
        rows = read(path)
        assert [row["cluster"] for row in rows] == ["-1" if label < 0 else "1" for label in some]
        assert [row["distance"] for row in rows] == ["" if label < 0 else "1" for label in some]
        assert [row["is_medoid"] for row in rows] == ["false", "false" if number else "true", "false", "false"]


def test_skipped_files_with_their_reasons(tmp_path):
    write_skipped_csv(tmp_path / "skipped.csv", [SkippedImage(path=name, reason="it is empty") for name in ODD_NAMES])
    assert read(tmp_path / "skipped.csv") == [{"path": name, "reason": "it is empty"} for name in ODD_NAMES]


@pytest.fixture(scope="module")
def scan():
    """Of six points, three of them alike: k from 1, with nothing but centres, to one more than different points."""
    points = np.random.default_rng(0).normal(size=(6, 2))
    points[4:] = points[3]
    return scan_k(points, range(1, 7), n_references=2)


def test_all_scores_of_a_scan(scan):
    header, rows = scan_table(scan)
    assert ",".join(header) == (
        "k,inertia,distortion,silhouette,silhouette_reference,gap,gap_error,davies_bouldin,calinski_harabasz,"
        "stability,stability_std"
    )
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6]
    for column, name in enumerate(header):
        expected = [value if np.isfinite(value) else None for value in scan.curve(name).tolist()]
        assert [row[column] for row in rows] == expected
    assert None in rows[0]  # one group has no silhouette


def test_scan_file_holds_every_digit_and_leaves_undefined_cells_empty(scan, tmp_path):
    write_scan_csv(tmp_path / "scan.csv", scan)
    lines = read(tmp_path / "scan.csv")
    header, rows = scan_table(scan)
    assert tuple(lines[0]) == header
    assert [[float(cell) if cell else None for cell in line.values()] for line in lines] == [list(row) for row in rows]
    assert lines[0]["k"] == "1" and lines[0]["silhouette"] == ""
    with pytest.raises(FolderError, match="cannot be written"):
        write_scan_csv(tmp_path / "missing" / "scan.csv", scan)


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(FolderError, match="cannot be written") as error:
        write(tmp_path / "missing" / "groups.csv")
    assert error.value.hint
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FolderError):
        write(tmp_path / "folder.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_an_interrupted_write_keeps_the_old_file(tmp_path):
    write(tmp_path / "groups.csv")
    before = (tmp_path / "groups.csv").read_bytes()
    with pytest.raises(ValueError, match="zip"):
        write(tmp_path / "groups.csv", paths=ODD_NAMES[:2] * 3)
    assert (tmp_path / "groups.csv").read_bytes() == before


@pytest.mark.parametrize(("label", "number"), [(0, 1), (11, 12), (-1, -1), (np.int16(3), 4)])
def test_people_count_from_one(label, number):
    assert cluster_number(label) == number
