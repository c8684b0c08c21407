import pytest

from imgcluster.finding.copies.best import is_named_like_a_copy, size_in_words


@pytest.mark.parametrize(
    "name", ["a (1).jpg", "a(12).png", "a - Copy.jpg", "a - Copy (2).jpg", "a copy.jpg", "a_copy2.jpg", "Copy of a.jpg"]
)
def test_names_of_copies(name):
    assert is_named_like_a_copy(name)


@pytest.mark.parametrize("name", ["a.jpg", "copyright.jpg", "photocopy.jpg", "IMG_2001.jpg", "(1) first.jpg", ".jpg"])
def test_other_names(name):
    assert not is_named_like_a_copy(name)


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 bytes"), (9_999, "9,999 bytes"), (12_300, "12 KB"), (2_140_000, "2.1 MB")]
)
def test_sizes_in_words(number, words):
    assert size_in_words(number) == words
