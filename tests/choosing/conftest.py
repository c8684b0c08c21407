"""One thread for hundreds of small fits: where others use the cores too, two wait for each other ten times as long."""

import pytest
import sklearn.cluster  # noqa: F401  (its OpenMP must be loaded to be found)
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield
