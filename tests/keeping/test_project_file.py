"""What is put into a project's file comes out of it, to the last bit; what is sent tells nothing of this computer."""

from dataclasses import replace

import numpy as np
import pytest
from kept_models import some_learned
from some_projects import (
    LOCATION,
    SCRIPT,
    assert_same,
    jpeg,
    some_features,
    some_history,
    some_parts,
    some_project,
    some_thumbnails,
)

from imgcluster.editing.edits import Lock, Merge, Rename
from imgcluster.editing.history import History
from imgcluster.errors import ParameterError, ProjectError
from imgcluster.keeping.archive import read_archive
from imgcluster.keeping.projects.project_file import load_project, parts_of, save_project
from imgcluster.keeping.projects.sent_thumbnails import MOST_BYTES, is_thumbnail
from imgcluster.pictures.collection import SkippedImage
from imgcluster.spaces.options import SPACES, SpaceOptions
from imgcluster.spaces.space import make_space
from imgcluster.spaces.transform import place_new


@pytest.fixture
def path(tmp_path):
    return tmp_path / "p.imgcluster"


def test_a_project_comes_back_as_it_was(path):
    project = some_project()
    save_project(path, project, private=True)
    opened = load_project(path, own=True)
    assert opened.project == project
    assert (opened.parts, opened.thumbnails, opened.learned) == (None, {}, None)


@pytest.mark.parametrize("method", [space.name for space in SPACES if space.name not in ("map", "umap")])
def test_every_array_comes_back_to_the_last_bit(path, method):
    project, parts = some_project(), some_parts(method=method)
    learned, thumbnails = some_learned(), some_thumbnails(project)
    save_project(path, project, parts=parts, thumbnails=thumbnails, learned=learned, private=False)
    opened = load_project(path)
    assert_same(opened.parts, parts)
    assert opened.thumbnails == thumbnails
    assert opened.learned.n_images == learned.n_images
    for one, other in zip(
        (*learned.weights, learned.history), (*opened.learned.weights, opened.learned.history), strict=True
    ):
        assert one.tobytes() == other.tobytes()
    vectors = some_features().vectors
    assert np.array_equal(place_new(opened.parts.space.model, vectors), place_new(parts.space.model, vectors))


def test_the_same_project_is_the_same_bytes(path):
    for _ in range(2):
        save_project(path, some_project(), parts=some_parts(), private=False)
    first = path.read_bytes()
    save_project(path, some_project(), parts=some_parts(), private=False)
    assert path.read_bytes() == first


def test_what_is_sent_holds_no_place_of_this_computer(path):
    save_project(path, some_project(), parts=some_parts(), private=False)
    data = path.read_bytes()
    for word in (LOCATION, "secret place", "/tmp", "C:\\", "C:\\\\", "somebody"):
        assert word.encode() not in data
    sent = load_project(path).project
    assert sent.location == "" and sent.choices == {
        "method": "kmeans",
        "eps": 0.25,
        "n": 7,
        "is_on": True,
        "none": None,
    }
    assert sent.paths == some_project().paths and sent.history == some_project().history


def test_the_place_in_a_private_file_is_believed_only_by_its_owner(path):
    save_project(path, some_project(), private=True)
    assert load_project(path).project.location == ""
    assert load_project(path, own=True).project.location == LOCATION


def test_a_file_that_counts_as_similar_is_not_sent_and_not_opened(path):
    project = some_project(features="vectors=/home/somebody/clip.npz")
    with pytest.raises(ParameterError, match="cannot be sent"):
        save_project(path, project, private=False)
    assert not path.exists()
    save_project(path, project, private=True)
    with pytest.raises(ProjectError, match="a file of this computer opened"):
        load_project(path)
    assert load_project(path, own=True).project == project


def test_script_in_names_stays_text(path):
    save_project(path, some_project(), private=False)
    sent = load_project(path).project
    assert SCRIPT in sent.name and sent.history.edits[0].name == SCRIPT and "onerror" in sent.paths[0]


def test_odd_names_of_ones_own_stay_and_are_cleaned_when_sent(path):
    odd = ("a\nb.png", "\u202egnp.exe", "x" * 3000)
    project = some_project(3, paths=odd, location="/x/\udcff", choices={"a": "b\nc"})
    save_project(path, project, private=True)
    own = load_project(path, own=True).project
    assert own.paths == odd and own.location == "/x/\udcff" and own.choices == {"a": "b\ufffdc"}
    with pytest.raises(ProjectError, match="names of its pictures"):
        load_project(path)
    save_project(path, project, private=False)
    assert load_project(path).project.paths == ("a\ufffdb.png", "\ufffdgnp.exe", "x" * 1024)


def test_a_nul_in_a_path_loses_nothing_but_itself(path):
    save_project(path, some_project(2, paths=("a\0b", "c")), private=True)
    assert load_project(path, own=True).project.paths == ("a\ufffdb", "c")


SKIPPED = (
    SkippedImage(path="a/broken.png", reason="the file is empty"),
    SkippedImage(path=f"b/{SCRIPT}.raw", reason="it cannot be read: Permission denied"),
)


@pytest.mark.parametrize("private", [True, False])
def test_skipped_files_come_back_with_their_reasons(path, private):
    save_project(path, some_project(skipped=SKIPPED), private=private)
    assert load_project(path, own=private).project.skipped == SKIPPED


def test_a_file_without_skipped_ones_is_as_it_was_before_there_were_any(path):
    save_project(path, some_project(), private=True)
    assert "skipped" not in read_archive(path, kind="project", version=1)[1]
    assert load_project(path, own=True).project.skipped == ()


def test_skipped_files_are_cleaned_and_bounded(path):
    odd = SkippedImage(path="a\nb\0\udcff" + "x" * 2000, reason="\x1b[2J" + "y" * 2000)
    save_project(path, some_project(skipped=(odd,) * 100_001), private=True)
    skipped = load_project(path, own=True).project.skipped
    assert len(skipped) == 100_000
    assert skipped[0].path == "a\ufffdb\ufffd\ufffd" + "x" * 1019 and len(skipped[0].reason) == 1000


@pytest.mark.parametrize("n_images", [0, 1, 2])
def test_few_images_or_none(path, n_images):
    project = some_project(n_images)
    parts = some_parts(n_images) if n_images else None
    save_project(path, project, parts=parts, thumbnails=some_thumbnails(project), private=False)
    opened = load_project(path)
    assert opened.project.hashes == project.hashes and len(opened.thumbnails) == n_images
    if n_images:
        assert_same(opened.parts, parts)


def test_images_that_are_all_the_same(path):
    hashes = ("ab" * 16,) * 24
    project, parts = some_project(hashes=hashes, cover=hashes[:1]), some_parts(same=True, hashes=hashes)
    save_project(path, project, parts=parts, thumbnails={hashes[0]: jpeg(side=40)}, private=False)
    opened = load_project(path)
    assert opened.project.hashes == hashes and [*opened.thumbnails] == [hashes[0]]
    assert_same(opened.parts, parts)


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1.0, 1e5, 1e12, 4e14])
def test_features_fit_into_16_bits(scale):
    features = some_features(scale=scale)
    space = make_space(some_features(), SpaceOptions(method="pca"))
    parts = parts_of(features, space, np.zeros((1, 24)), images=())
    again = parts.features(features.hashes)
    assert np.allclose(again.vectors, features.vectors, rtol=1e-3, atol=1e-3 * scale)
    assert (again.hashes, again.extractor, again.scaling) == (features.hashes, features.extractor, features.scaling)


def test_only_coordinates_of_many_columns_are_rounded():
    features = some_features(n_features=300)
    for method, error in (("none", 1e-3), ("diffusion", 0)):
        space = make_space(features, SpaceOptions(method=method))
        kept = parts_of(features, space, np.zeros((1, 24)), images=()).space
        assert kept.coordinates.dtype == np.float32 and np.abs(kept.coordinates - space.coordinates).max() <= error
    space = replace(space, coordinates=np.full((24, 300), 1e9, dtype=np.float32))
    assert parts_of(features, space, np.zeros((1, 24)), images=()).space.coordinates.max() == np.float32(1e9)


def test_thumbnails_are_small_and_of_these_images(path):
    project = some_project(4)
    large = {key: jpeg(place, noise=90) for place, key in enumerate(project.hashes)}
    assert min(map(len, large.values())) > MOST_BYTES
    given = large | {"ff" * 16: jpeg(), project.hashes[0]: b"<svg onload=alert(1)>"}
    save_project(path, project, thumbnails=given, private=False)
    found = load_project(path).thumbnails
    assert [*found] == [*project.hashes[1:]]
    assert all(len(data) <= MOST_BYTES and is_thumbnail(data) for data in found.values())


def test_only_a_small_jpeg_is_a_thumbnail():
    good = jpeg(side=40)
    assert is_thumbnail(good)
    png = b"\x89PNG\r\n\x1a\n" + good
    for bad in (b"", good[:100], png, b"\xff\xd8\xff" * 50, good + bytes(100_000), jpeg(side=600, noise=0, quality=5)):
        assert not is_thumbnail(bad)


@pytest.mark.parametrize("method", ["diffusion", "none"])
def test_the_size_of_a_file(path, method):
    n_images, n_features = 400, 1280
    project, parts = some_project(n_images), some_parts(n_images, n_features=n_features, n_rows=20, method=method)
    parts = replace(parts, series=np.tile(parts.series, (5, 1)))
    project = replace(project, history=some_history(n_images))
    save_project(path, project, parts=parts, private=False)
    assert path.stat().st_size < 6 * 1024 * n_images
    assert_same(load_project(path).parts, parts)
    thumbnails = {key: jpeg(0, noise=60) for key in project.hashes}
    save_project(path, project, parts=parts, thumbnails=thumbnails, private=False)
    assert path.stat().st_size < 12 * 1024 * n_images


WRONG = {
    "hashes": {"hashes": ("00" * 16,) * 23},
    "a hash": {"hashes": ("0g" * 16,) * 24},
    "the id": {"id": "../../../etc"},
    "the kind": {"kind": "virus"},
    "a time": {"changed": "yesterday"},
    "a choice": {"choices": {"a": float("nan")}},
    "a large choice": {"choices": {"a": 2**60}},
    "groups": {"n_clusters": -1},
    "cover": {"cover": ("x",)},
    "features": {"features": "telepathy"},
    "an image": {"history": History(edits=(Rename(group=(24,), name="a"),))},
    "a negative image": {"history": History(edits=(Rename(group=(-1,), name="a"),))},
    "a huge image": {"history": History(edits=(Rename(group=(2**40,), name="a"),))},
    "a long name": {"history": History(edits=(Rename(group=(1,), name="a" * 121),))},
    "an odd name": {"history": History(edits=(Rename(group=(1,), name="a\u202eb"),))},
    "nothing locked": {"history": History(edits=(Lock(group=()),))},
    "nothing merged": {"history": History(edits=(Merge(groups=((1,), ())),))},
    "too much done": {"history": History(n_done=1)},
    "less than nothing done": {"history": History(n_done=-1)},
}


@pytest.mark.parametrize("facts", WRONG.values(), ids=WRONG)
def test_what_could_not_be_read_again_is_not_written(path, facts):
    path.write_bytes(b"old")
    with pytest.raises(ProjectError, match="cannot be kept: ") as error:
        save_project(path, some_project(**facts), private=True)
    assert error.value.hint and path.read_bytes() == b"old"


def test_parts_of_other_images_are_not_written(path):
    with pytest.raises(ProjectError, match="cannot be kept"):
        save_project(path, some_project(23), parts=some_parts(24), private=False)
