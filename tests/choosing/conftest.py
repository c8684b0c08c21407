"""One thread for hundreds of small fits: where others use the cores too, two wait for each other ten times as long."""

import pytest
import sklearn.cluster  # noqa: F401  (its OpenMP must be loaded to be found)

from imgcluster import threads


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    with threads.one_thread():
        yield
