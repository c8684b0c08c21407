"""The map as the space: groups of what one sees, for those who want that."""

import hashlib
import threading
from dataclasses import replace

import numpy as np

from imgcluster.maps.layout import map_coordinates
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import Space, VectorsWithFingerprint, make_space

__all__ = ["space_of"]


def space_of(
    features: VectorsWithFingerprint,
    options: SpaceOptions | None = None,
    *,
    random_state: int = 0,
    cancel: threading.Event | None = None,
) -> Space:
    """Compute the space of the chosen kind, the map among them.

    Parameters
    ----------
    features : Features
        ``vectors`` of shape (n_images, n_features), finite.
    options : SpaceOptions, optional
        "map" gives the two coordinates of the usual UMAP map; all other methods are those of
        `imgcluster.spaces.space.make_space`.
    random_state : int, default 0
    cancel : threading.Event, optional

    Returns
    -------
    Space

    Raises
    ------
    ParameterError
        When there are no vectors, or a value is not finite.
    Cancelled
    """
    options = options or SpaceOptions()
    if options.method != "map":
        return make_space(features, options, random_state=random_state, cancel=cancel)
    drawn = make_space(features, replace(options, method="diffusion"), random_state=random_state, cancel=cancel)
    places = map_coordinates(drawn, method="umap", random_state=random_state, cancel=cancel)
    name = hashlib.blake2b(f"map of {drawn.fingerprint}".encode(), digest_size=16).hexdigest()
    if drawn.method == "principal":  # too few pictures for a map of their neighbours
        return replace(drawn, fingerprint=name)
    originals = np.unique(drawn.first_twin)
    # A new image is placed as in the space "umap": the mean of its nearest known images' places.
    model = replace(
        drawn.model, method="umap", n_dims=2, carried=places[originals], factors=np.ones(2), offsets=np.zeros(2)
    )
    return replace(
        drawn,
        coordinates=places,
        eigenvalues=np.empty(0),
        method="map",
        model=model,
        notes=(*drawn.notes, "The groups are found on the map itself: they are what one sees, not all that is known."),
        fingerprint=name,
    )
