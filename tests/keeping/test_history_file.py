"""A history of edits as plain data: names that were given together are so again."""

import pytest

from imgcluster.editing.edits import Rename
from imgcluster.editing.history import History
from imgcluster.keeping.models.model_checks import WrongModel
from imgcluster.keeping.projects.history_file import history_to_arrays, read_history

TOGETHER = History(
    edits=(Rename(group=(0, 1), name="A"), Rename(group=(2,), name="B", with_previous=True)),
    n_done=2,
)


def test_names_given_together_are_read_as_they_were():
    header, arrays = history_to_arrays(TOGETHER, 3)
    assert read_history(header, arrays, 3) == TOGETHER
    assert "with_previous" not in header["edits"][0]


@pytest.mark.parametrize("value", [False, None, "yes", [], 2])
def test_nothing_else_is_taken_for_it(value):
    header, arrays = history_to_arrays(TOGETHER, 3)
    header["edits"][1]["with_previous"] = value
    with pytest.raises(WrongModel):
        read_history(header, arrays, 3)
