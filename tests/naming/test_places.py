"""Folders and file names that explain groups."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgcluster.naming.evidence import LEAST_COVERAGE, LEAST_PURITY, Explained, explained_groups
from imgcluster.naming.places import file_evidence, folder_evidence


def paths_in(**folders):
    return [f"{folder}/IMG_{number:04d}.jpg" for folder, n in folders.items() for number in range(n)]


def names(found):
    return {label: evidence.names[0] for label, evidence in found.items()}


def test_a_folder_that_is_nearly_the_group_names_it():
    paths = paths_in(dogs=10, cats=10)
    labels = np.repeat([0, 1], [9, 11])  # one dog is among the cats
    found = folder_evidence(paths, labels)
    assert names(found) == {0: "dogs", 1: "cats"}
    assert found[1].reason == '10 of 11 pictures lie in the folder "cats".'


def test_purity_and_coverage_are_both_needed():
    mixed = np.repeat([0, 1, 0, 1], 5)  # half of each folder in each group
    assert folder_evidence(paths_in(dogs=10, cats=10), mixed) == {}
    split = np.repeat([0, 1, 2], [5, 5, 10])  # pure, but each only half of the dogs
    assert names(folder_evidence(paths_in(dogs=10, cats=10), split)) == {2: "cats"}


@pytest.mark.parametrize("seed", range(5))
def test_explained_groups_are_those_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, 5, 80)
    values = [f"v{label}" if rng.random() < 0.85 else rng.choice(["v0", "v1", None]) for label in labels]
    expected = {}
    for label in range(5):
        inside = [value for value, own in zip(values, labels, strict=True) if own == label]
        for value in set(inside) - {None}:
            if inside.count(value) >= 0.8 * len(inside) and inside.count(value) >= 0.6 * values.count(value):
                expected[label] = (value, inside.count(value), len(inside))
    found = explained_groups(values, labels)
    assert {label: (each.value, each.n_inside, each.n_group) for label, each in found.items()} == expected


def test_what_all_pictures_have_explains_nothing():
    assert folder_evidence(paths_in(holiday=20), np.repeat([0, 1], [18, 2])) == {}
    assert explained_groups(["x", "x"], np.array([0, 0])) == {}


def test_the_deepest_folder_that_explains_is_taken_and_longer_names_have_those_above():
    paths = [f"all/zoo/{kind}/{n}.jpg" for kind in ("bears", "cubs") for n in range(10)]
    paths += [f"all/park/dogs/{n}.jpg" for n in range(10)]
    found = folder_evidence(paths, np.repeat([0, 1], [20, 10]))
    assert names(found) == {0: "zoo", 1: "dogs"}
    assert found[1].names == ("dogs", "park/dogs", "all/park/dogs")


@pytest.mark.parametrize("name", ["DCIM", "100CANON", "101MSDCF", "New folder (2)", "Photos", "Camera Roll"])
def test_folders_that_devices_name_say_nothing(name):
    assert folder_evidence([f"{name}/{n}.jpg" for n in range(5)] + ["x/1.jpg"], np.array([0] * 5 + [1])).get(0) is None


def test_numbers_and_short_names_of_folders_are_names_and_script_stays_text():
    paths = [f"{folder}/1.png" for folder in ("7", "at", "20240714", "<img src=x onerror=alert(1)>")]
    assert names(folder_evidence(paths, np.arange(4))) == dict(enumerate(path.split("/")[0] for path in paths))


def test_words_that_files_begin_with_name_a_group():
    paths = [f"rome_by-night_{n:03d}.jpg" for n in range(6)] + [f"IMG_{n:04d}.jpg" for n in range(6)]
    paths += [f"Beach DSC{n:05d}.JPG" for n in range(6)]
    found = file_evidence(paths, np.repeat([0, 1, 2], 6))
    assert names(found) == {0: "Rome by night", 2: "Beach"}
    assert found[0].reason == '6 of 6 pictures have file names that begin with "rome by night".'


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_pictures_and_none(n):
    paths = [f"{number}.jpg" for number in range(n)]
    for labels in (np.zeros(n, dtype=np.int32), np.full(n, -1), np.arange(n)):
        assert folder_evidence(paths, labels) == {} and file_evidence(paths, labels) == {}


def explained_slowly(values, labels, weights):
    found = {}
    for label in sorted({*labels} - {-1}):
        group = [image for image, own in enumerate(labels) if own == label]
        known = [value for value in dict.fromkeys(values) if value is not None]
        inside = {value: [image for image in group if values[image] == value] for value in known}
        if not any(inside.values()):
            continue
        best = max(inside, key=lambda value: sum(weights[i] for i in inside[value]))
        everywhere = [i for i, value in enumerate(values) if value == best]
        is_most = sum(weights[i] for i in inside[best]) >= LEAST_COVERAGE * sum(weights[i] for i in everywhere)
        if len(inside[best]) >= LEAST_PURITY * len(group) and is_most and len(everywhere) < len(values):
            found[label] = Explained(value=best, n_inside=len(inside[best]), n_group=len(group))
    return found


@given(
    st.lists(
        st.tuples(st.sampled_from([None, "a", "b", "c"]), st.integers(-1, 3), st.sampled_from([1.0, 2.0, 8.0])),
        max_size=16,
    )
)
def test_what_explains_a_group_is_what_counting_one_by_one_finds(images):
    values, labels, weights = ([image[place] for image in images] for place in range(3))
    found = explained_groups(values, np.array(labels, dtype=np.int32), np.array(weights))
    assert found == explained_slowly(values, labels, weights)
    ones = [1.0] * len(images)
    assert explained_groups(values, np.array(labels, dtype=np.int32)) == explained_slowly(values, labels, ones)


def test_many_groups_and_many_values_take_little_memory():
    values, labels = [f"day {number}" for number in range(6000)], np.repeat(np.arange(1500, dtype=np.int32), 4)
    tracemalloc.start()
    try:
        assert explained_groups(values, labels) == {}
        assert tracemalloc.get_traced_memory()[1] < 6e6  # groups times values would be 72 MB
    finally:
        tracemalloc.stop()
