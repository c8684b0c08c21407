"""Two folders with the same pictures under other names: each shows its own, on every screen."""

from dataclasses import replace

import pytest
from edited_groups import grouped

from imgcluster.features.options import parse_features
from imgcluster.pictures.collection import SkippedImage
from imgcluster.ui.compare.sides import choose_side
from imgcluster.ui.export.final import taken_from
from imgcluster.ui.find.model import model_of
from imgcluster.ui.fingerprints import collection_key
from imgcluster.ui.groups.data import strip_rows
from imgcluster.ui.groups.editing.names import known_names, proposed_names
from imgcluster.ui.groups.map_colors import look_of
from imgcluster.ui.groups.partition import kmeans_partition
from imgcluster.ui.register import jobs
from imgcluster.ui.tidy import looking

pytestmark = pytest.mark.usefixtures("few_clusters")


@pytest.fixture
def first(visit, photos, monkeypatch):
    """A folder's source, and its grouping with some pictures in folders."""
    page = visit().group(photos)
    monkeypatch.setattr("streamlit.session_state", {"map_colors": "folder"})  # of a page that needs no browser
    return page.app.session_state["source"], in_folders(grouped(), "one", "two")


def in_folders(grouping, *folders):
    images = tuple(
        replace(image, path=f"{folders[index % 2]}/{image.path}")
        for index, image in enumerate(grouping.collection.images)
    )
    return replace(grouping, collection=replace(grouping.collection, images=images))


@pytest.fixture
def second(first):
    """Another folder with the same pictures in other folders: by halves rather than by turns."""
    source, grouping = first
    images = tuple(
        replace(image, path=f"{'new' if index < 75 else 'old'}/{image.path.rpartition('/')[2][:-4]} b.png")
        for index, image in enumerate(grouping.collection.images)
    )
    collection = replace(grouping.collection, images=images)
    return replace(source, id="0" * 12, name="second"), replace(grouping, collection=collection)


def test_the_key_goes_by_everything_but_the_object(first, second):
    collection = first[1].collection
    copy = replace(collection, images=tuple(replace(image) for image in collection.images))
    assert collection_key(collection) == collection_key(copy)
    image, *others = collection.images
    changed = [
        replace(collection, name="x"),
        replace(collection, skipped=(SkippedImage(path="a.png", reason="It is damaged"),)),
        *(
            replace(collection, images=(replace(image, **{name: value}), *others))
            for name, value in {"path": "x.png", "source": image.source / "x", "size": 1, "mtime_ns": 1}.items()
        ),
    ]
    assert len({collection_key(each) for each in (collection, *changed, second[1].collection)}) == len(changed) + 2


def test_the_names_below_the_groups(first, second):
    partition = kmeans_partition(first[1], 4)
    assert all(" b.png" not in text for row in strip_rows(first[1], partition) for text in row.texts)
    assert all(" b.png" in text for row in strip_rows(second[1], partition) for text in row.texts)


def test_the_colours_of_the_folders(first, second):
    partition = kmeans_partition(first[1], 4)
    assert sorted(look_of(*first, partition).names) == ["one", "two"]
    assert sorted(look_of(*second, partition).names) == ["new", "old"]


def test_the_folders_that_are_compared(first, second, monkeypatch):
    monkeypatch.setattr("streamlit.selectbox", lambda *args, **options: "folders")
    sides = [choose_side(*each, first=True) for each in (first, second)]
    assert [sorted(side.names) for side in sides] == [["one", "two"], ["new", "old"]]
    assert sides[0].partition.key != sides[1].partition.key


def test_what_is_taken_away(first, second):
    partition = kmeans_partition(first[1], 4)
    for source, grouping in (first, second):
        taken = taken_from(source, grouping, partition)
        assert taken.final.name == source.name
        assert [image.path for image in taken.final.images] == list(grouping.collection.paths)
    one, other = (taken_from(*each, partition).key for each in (first, second))
    assert one != other


def test_another_name_of_the_project_goes_along(first):
    source, grouping = first
    partition = kmeans_partition(grouping, 4)
    assert taken_from(source, grouping, partition).final.name == "photos"
    assert taken_from(replace(source, name="Rome"), grouping, partition).final.name == "Rome"
    assert model_of(source, grouping, partition).name == "photos"
    assert model_of(replace(source, name="Rome"), grouping, partition).name == "Rome"


def test_what_counts_as_similar_goes_along(first, monkeypatch):
    partition = kmeans_partition(first[1], 4)
    before = taken_from(*first, partition).final.likeness
    monkeypatch.setattr("imgcluster.ui.export.final.chosen_features", lambda: parse_features("colour"))
    assert taken_from(*first, partition).final.likeness == "colour" != before


def test_the_model(first, second):
    source, partition = first[0], kmeans_partition(first[1], 4)
    for _, grouping in (first, second):  # the same place, and its files have other names now
        assert model_of(source, grouping, partition).paths == grouping.collection.paths


def test_the_close_look(first, second):
    source = first[0]
    for _, grouping in (first, second):
        looking._start(source, grouping).wait(20)
        assert looking.close_look(source, grouping).collection.paths == grouping.collection.paths


def test_the_names_that_are_proposed(first, second):
    (source, grouping), (_, renamed) = first, second
    partition = kmeans_partition(grouping, 4)
    proposed_names(source, grouping, partition)
    for job in list(jobs()._jobs.values()):
        job.wait(10)
    found = proposed_names(source, grouping, partition)
    assert known_names(source, grouping, partition) == found.names
    assert known_names(source, renamed, partition) == ()  # the same place, and its files have other names now
