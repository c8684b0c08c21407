"""Groups that are taken away are measured as they are now, and go into tables that do no harm."""

import csv
import io
import json
import math

import numpy as np
import pytest
from finished_groups import FOUND, HARMFUL, finished

from imgcluster.editing.edits import Rename
from imgcluster.editing.groups import groups_of
from imgcluster.editing.history import History, carried_out
from imgcluster.errors import FolderError, ParameterError
from imgcluster.finding.summary import summarize
from imgcluster.grouping.methods import MethodOptions
from imgcluster.grouping.silhouette import silhouette_samples
from imgcluster.keeping.tables import group_table, image_table, skipped_table, table_bytes, write_table
from imgcluster.version import __version__

COLUMNS = ["path", "group", "name", "name_origin", "is_medoid", "distance", "silhouette", "copy_of"]


def read_csv(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def columns(table):
    return dict(zip(table.header, zip(*table.rows, strict=True), strict=True))


def test_groups_are_measured_as_they_were_changed():
    final, coordinates = finished()
    labels = np.array([1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, -1])
    assert np.array_equal(final.groups.labels, labels)
    summary = summarize(coordinates, labels)
    assert np.array_equal(final.medoids, summary.medoids)
    np.testing.assert_array_equal(final.distances, summary.distances)
    assert math.isnan(final.distances[-1])
    np.testing.assert_allclose(final.silhouettes, silhouette_samples(coordinates, labels).values)
    assert final.silhouettes[0] < 0 < final.silhouettes[1]  # it was moved to where it does not fit
    assert len(final.history) == 4 and final.history[2].startswith("Moved 1 picture from")
    assert final.parameters == {"n_clusters": 4, "random_state": 0}
    assert (final.space, dict(final.space_parameters)) == ("pca", {"n_dims": 2})


def test_edits_that_could_not_be_carried_over_are_told():
    rome = Rename(group=(0, 6, 10), name="Holiday in Rome")
    lost = carried_out(groups_of(FOUND), History(edits=(rome, Rename(group=(13, 14), name="Cats")), n_done=2))
    final, _ = finished(outcome=lost)
    said = ('Name "Holiday in Rome": the group of 3 pictures that this was done to is not there.',)
    assert (final.history, final.lost) == (('Named Group 4 "Cats"',), said)
    assert json.loads(table_bytes(final, "json"))["not_carried_over"] == [*said]


def test_without_edits_the_groups_are_those_that_were_found():
    final, _ = finished(edited=False)
    assert final.groups.n_groups == 4 and final.history == final.lost == ()
    assert np.array_equal(final.groups.labels, final.found)
    assert final.proposals == ("",) * 4


def test_what_the_method_chose_itself_is_kept():
    method = MethodOptions(method="hdbscan", assign_noise=True)
    final, _ = finished(method=method, parameters={"min_cluster_size": 3}, random_state=7)
    assert final.parameters == {"assign_noise": True, "min_cluster_size": 3, "random_state": 7}


def test_one_row_for_each_image():
    final, _ = finished()
    table = columns(image_table(final))
    assert list(table) == COLUMNS
    assert table["path"] == HARMFUL
    assert table["group"] == (2, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, -1)
    assert table["name"][1] == "<img src=x onerror=alert(1)>" and table["name_origin"][1] == "edited"
    assert table["name"][0] == "Group 2" and table["name_origin"][0] == "number"
    assert table["name"][-1] == "No group"
    assert [path for path, is_one in zip(table["path"], table["is_medoid"], strict=True) if is_one] == [
        HARMFUL[image] for image in sorted(final.medoids)
    ]
    assert table["distance"][-1] is None and table["silhouette"][-1] == 0
    assert table["copy_of"][:3] == (None, HARMFUL[0], None)


def test_names_that_are_only_proposed_say_so():
    final, _ = finished(proposals=("cats", "dogs", ""))
    table = columns(group_table(final))
    assert table["name"] == ("<img src=x onerror=alert(1)>", "dogs", "Group 3")
    assert table["name_origin"] == ("edited", "proposed", "number")


def test_one_row_for_each_group_and_for_each_skipped_file():
    final, _ = finished()
    table = columns(group_table(final))
    assert list(table) == ["group", "name", "name_origin", "size", "medoid", "locked"]
    assert (table["group"], table["size"], table["locked"]) == ((1, 2, 3), (5, 5, 5), (False, True, False))
    assert table["medoid"] == tuple(HARMFUL[image] for image in final.medoids)
    assert skipped_table(final).rows == [("=cmd.png", "the file is empty")]


def test_where_nobody_looked_for_copies_there_are_none():
    final, _ = finished(copy_of=None)
    assert set(columns(image_table(final))["copy_of"]) == {None}


def test_no_cell_of_a_csv_file_is_a_formula():
    final, _ = finished()
    rows = read_csv(table_bytes(final, "csv"))
    assert list(rows[0]) == COLUMNS and len(rows) == 16
    for row, name in zip(rows, HARMFUL, strict=True):
        assert row["path"] == (f"'{name}" if name[0] in "=+-@\t\r" else name)
    assert rows[-1]["group"] == "-1" and rows[-1]["distance"] == ""
    assert {row["is_medoid"] for row in rows} == {"true", "false"}


def test_json_is_strict_and_says_how_it_was_made():
    final, _ = finished(parameters={"height": float("inf"), "eps": np.float64(0.25)})
    content = json.loads(table_bytes(final, "json"), parse_constant=pytest.fail)
    assert [image["path"] for image in content["images"]] == list(HARMFUL)
    assert content["images"][-1] == {
        "path": HARMFUL[-1],
        "group": -1,
        "name": "No group",
        "name_origin": "number",
        "is_medoid": False,
        "distance": None,
        "silhouette": 0.0,
        "copy_of": None,
    }
    assert content["parameters"] == {"n_clusters": 4, "height": None, "eps": 0.25, "random_state": 0}
    assert content["space"] == {"method": "pca", "n_dims": 2}
    assert content["versions"]["imgcluster"] == __version__
    assert [group["size"] for group in content["groups"]] == [5, 5, 5]
    assert len(content["skipped"]) == 1 and len(content["history"]) == 4 and content["not_carried_over"] == []


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_the_same_groups_are_the_same_bytes(format):
    assert table_bytes(finished()[0], format) == table_bytes(finished()[0], format)


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_no_groups_at_all_and_one_image(format):
    for found in (np.full(3, -1, dtype=np.int32), np.zeros(1, dtype=np.int32)):
        n_images = len(found)
        final, _ = finished(
            edited=False, found=found, paths=("a", "b", "c")[:n_images], copy_of=np.full(n_images, -1, dtype=np.int64)
        )
        assert table_bytes(final, format)
        assert len(group_table(final).rows) == found.max() + 1


def test_groups_and_skipped_files_come_beside_a_csv_file(tmp_path):
    final, _ = finished()
    written = write_table(tmp_path / "photos.csv", final)
    assert [path.name for path in written] == ["photos.csv", "photos-groups.csv", "photos-skipped.csv"]
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in written}
    assert read_csv(written[1].read_bytes())[0]["name"] == "<img src=x onerror=alert(1)>"
    assert read_csv(written[2].read_bytes()) == [{"path": "'=cmd.png", "reason": "the file is empty"}]


@pytest.mark.parametrize("name", ["a.xlsx", "a.JSON"])
def test_the_ending_says_the_format(tmp_path, name):
    final, _ = finished()
    assert write_table(tmp_path / name, final) == (tmp_path / name,)
    assert (tmp_path / name).read_bytes() == table_bytes(final, name.lower()[2:])


def test_a_file_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path):
    final, _ = finished()
    with pytest.raises(ParameterError, match='no table "txt"'):
        write_table(tmp_path / "a.txt", final)
    with pytest.raises(FolderError, match="cannot be written"):
        write_table(tmp_path / "no" / "a.csv", final)
    assert list(tmp_path.iterdir()) == []
