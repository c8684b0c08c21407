"""What options are called: no two the same, since a browser knows them by that."""

import pytest

from imgcluster.ui.distinct import distinct_titles


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ([], []),
        (["a", "b"], ["a", "b"]),
        (["All groups", "a", "All groups"], ["All groups", "a", "All groups (2)"]),
        (["a", "a", "a", "a (2)"], ["a", "a (2)", "a (3)", "a (2) (2)"]),
        (["a (2)", "a", "a"], ["a (2)", "a", "a (3)"]),
    ],
)
def test_no_two_options_are_called_the_same(wanted, shown):
    options = list(range(len(wanted)))
    assert list(map(distinct_titles(options, wanted.__getitem__), options)) == shown
