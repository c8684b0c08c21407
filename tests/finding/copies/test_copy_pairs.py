"""Pairs of copies in a collection, from the candidates to the kinds."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from some_looks import as_set, looks_of, pairs_of, plain_looks

from benchmarks.planting import photo_like, plant_copies
from imgcluster.errors import Cancelled
from imgcluster.finding.copies.candidates import candidate_pairs
from imgcluster.finding.copies.groups import DEFAULT_NEAR
from imgcluster.finding.copies.pairs import EXACT, NEAR, PIXELS, find_pairs
from imgcluster.pictures.opening import decode
from imgcluster.spaces import nearest


def photos(n, *, seed=0, size=(160, 120)):
    rng = np.random.default_rng(seed)
    return [photo_like(rng, size) for _ in range(n)]


def saved_again(picture):
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)


def test_planted_copies_are_found_and_little_else(tmp_path):
    rng = np.random.default_rng(7)
    for number in range(96):
        photo_like(rng, (200, 150)).save(tmp_path / f"{number:03d}.jpg", quality=92)
    planted = plant_copies(sorted(tmp_path.iterdir()), tmp_path, 96)
    files = sorted(tmp_path.iterdir())
    contents = [file.read_bytes() for file in files]
    keys = {content: f"{place:032x}" for place, content in enumerate(contents)}
    pairs = pairs_of([decode(content) for content in contents], [keys[content] for content in contents])
    chosen = pairs.similarities >= DEFAULT_NEAR
    ends = zip(pairs.first[chosen], pairs.second[chosen], strict=True)
    found = {frozenset((files[i].name, files[j].name)) for i, j in ends}
    true = {frozenset(pair) for pair in planted.items()}
    assert len(found & true) >= 0.95 * len(true)
    assert len(found & true) >= 0.98 * len(found)
    every = zip(pairs.first, pairs.second, pairs.kinds, strict=True)
    kinds = {frozenset((files[i].name, files[j].name)): kind for i, j, kind in every}
    for copy, original in planted.items():
        expected = {"renamed.jpg": EXACT, "png.png": PIXELS}.get(copy.split("-")[2], NEAR)
        assert kinds.get(frozenset((copy, original)), expected) == expected


def test_among_too_many_to_be_compared_exactly_copies_are_candidates_by_their_pixels(monkeypatch):
    n, rng = 2000, np.random.default_rng(0)
    pictures = np.kron(rng.integers(40, 216, size=(n, 8, 8)), np.ones((1, 2, 2)))
    both = np.concatenate([pictures, np.clip(pictures + rng.normal(0, 4, size=pictures.shape), 0, 255)])
    noise = rng.integers(0, 2, size=(2 * n, 64)).astype(bool)  # the hashes say nothing
    looks = SimpleNamespace(miniatures=both.astype(np.uint8), phash=noise, dhash=noise[::-1])
    monkeypatch.setattr(nearest, "MAX_SEARCHED_EXACTLY", 2 * n - 1)
    found = candidate_pairs(looks, np.arange(2 * n), content=np.arange(2 * n))
    assert {(place, place + n) for place in range(n)} <= set(zip(*(ends.tolist() for ends in found), strict=True))


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_pictures(n):
    pictures = photos(n)
    pairs = pairs_of(pictures)
    assert as_set(pairs) == set() and pairs.dated.shape == (n,)
    twice = pairs_of([*pictures, *map(saved_again, pictures)])
    assert as_set(twice) == {(place, place + n) for place in range(n)}
    assert (twice.kinds == NEAR).all() and ((twice.similarities > DEFAULT_NEAR) & (twice.similarities < 1)).all()


def test_files_with_one_content_are_linked_to_the_first_alone():
    n = 5000
    looks = plain_looks(n)
    pairs = find_pairs(["same"] * n, looks, thumbnails=lambda keys: {})
    assert as_set(pairs) == {(0, place) for place in range(1, n)}
    assert set(pairs.kinds.tolist()) == {EXACT} and (pairs.contents(n) == 0).all()


def test_the_same_pixels_in_other_files_are_linked_to_the_first_alone():
    one, other = photos(2)
    pairs = pairs_of([one, other, one, one, other], ["a", "b", "c", "d", "e"])
    assert as_set(pairs) == {(0, 2), (0, 3), (1, 4)} and set(pairs.kinds.tolist()) == {PIXELS}
    assert (pairs.similarities == 1).all()


def test_a_near_copy_is_linked_once_however_many_files_it_has():
    picture = photos(1)[0]
    small = saved_again(picture)
    pairs = pairs_of([picture, picture, small, small, picture], ["a", "a", "b", "b", "c"])
    links = dict(zip(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True), pairs.kinds.tolist(), strict=True))
    assert links == {(0, 1): EXACT, (0, 2): NEAR, (0, 4): PIXELS, (2, 3): EXACT}


def test_two_piles():
    one, other = photos(2, seed=3)
    pictures = [one.resize((160 - place, 120)) for place in range(6)] + [other.resize((160 - k, 120)) for k in range(6)]
    pairs = pairs_of(pictures)
    assert len(pairs.first) > 10 and ((pairs.first < 6) == (pairs.second < 6)).all()


def test_pictures_of_one_colour():
    colours = ["white", "white", "black", "red", "#0000fe", "#fdfdfd"]
    pairs = pairs_of([Image.new("RGB", (40 + place, 40 + place), colour) for place, colour in enumerate(colours)])
    assert as_set(pairs) == {(0, 1), (0, 5), (1, 5)}


def test_whole_pixels_are_asked_for_where_sizes_agree():
    picture = photos(1)[0]
    changed = picture.copy()
    changed.putpixel((0, 0), (1, 2, 3))
    asked = []
    pairs = pairs_of([picture, changed, saved_again(picture)], same_pixels=lambda i, j: asked.append((i, j)) or True)
    assert asked == [(0, 1)]
    assert (pairs.kinds[0], pairs.similarities[0]) == (PIXELS, 1.0) and (pairs.kinds[1:] == NEAR).all()


def test_dates_are_asked_for_of_copies_alone():
    pictures = photos(3)
    asked = []
    pairs = pairs_of([*pictures, saved_again(pictures[1])], is_dated=lambda image: asked.append(image) or image == 3)
    assert asked == [1, 3] and pairs.dated.tolist() == [False, False, False, True]


def test_neighbours_in_the_features_are_candidates_too():
    looks = looks_of(photos(40))
    images = np.arange(40)
    without = set(zip(*map(tuple, candidate_pairs(looks, images, content=images)), strict=True))
    far = next(pair for pair in ((i, j) for i in range(40) for j in range(i + 1, 40)) if pair not in without)
    neighbors = np.array([[far[1]] if image == far[0] else [image] for image in images])
    with_them = set(zip(*map(tuple, candidate_pairs(looks, images, content=images, neighbors=neighbors)), strict=True))
    assert with_them == without | {far}


def test_progress_and_cancelling():
    pictures = photos(5)
    reports = []
    pairs_of(pictures, progress=reports.append)
    assert reports[-1].done == reports[-1].total > 0
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        pairs_of(pictures, cancel=cancel)
