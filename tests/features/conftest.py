import pytest

from imgcluster.features.store import Store


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store" / "store.sqlite") as store:
        yield store
