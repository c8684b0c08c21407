"""What several tests of spaces share, for it takes seconds."""

import numpy as np
import pytest
from some_spaces import blobs, space_of


@pytest.fixture(scope="session")
def umap_of_blobs():
    """Return rows, four of them twice, their labels, and their UMAP space."""
    vectors, labels = blobs(160)
    vectors, labels = np.concatenate([vectors, vectors[:4]]), np.concatenate([labels, labels[:4]])
    return vectors, labels, space_of(vectors, method="umap", n_dims=6)
