"""Names in files that may come from somebody else."""

import numpy as np
import pytest

from imgcluster.keeping.texts import cleaned, is_clean, pack_texts, unpack_texts


def test_texts_in_an_array():
    texts = ("", "plain", "Ünï 📷", "a\nb", "")
    array = pack_texts(texts)
    assert unpack_texts(array, 5) == texts
    assert unpack_texts(pack_texts(()), 0) == ()
    for n_texts in (0, 4, 6):
        with pytest.raises(ValueError):
            unpack_texts(array, n_texts)
    for texts in (("a\0b",), ("\ud800",)):
        with pytest.raises(ValueError):
            pack_texts(texts)
    for other in (array[:-1], array.astype(np.int8), array[None]):
        with pytest.raises(ValueError):
            unpack_texts(other, 5)


@pytest.mark.parametrize("text", ["plain", "Ünï 📷", "👩\u200d👧", "<b>=1+1</b>", "", "עברית"])
def test_what_people_write_stays_as_it_is(text):
    assert is_clean(text, 20) and cleaned(text, 20) == text


@pytest.mark.parametrize("control", ["\0", "\n", "\r", "\x1b", "\x7f", "\x9b", "\u2028", "\u202e", "\u2066", "\ud800"])
def test_what_steers_a_screen_is_replaced(control):
    assert not is_clean(f"a{control}b", 20)
    assert cleaned(f"a{control}b", 20) == "a�b"


def test_lengths_and_other_types():
    assert cleaned("x" * 30, 20) == "x" * 20
    assert is_clean("x" * 20, 20) and not is_clean("x" * 21, 20)
    assert not is_clean(3, 20) and not is_clean(None, 20)
