"""The maps that can be chosen, what is said of each, and what "automatic" means."""

import math
from dataclasses import dataclass, replace

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.spaces.manifold import MIN_FOR_UMAP
from imgcluster.spaces.space import Space

__all__ = ["MAPS", "SKETCH", "MapMethod", "MapOptions", "map_method", "resolve_map_options"]

# Spreads dots that belong together so that each can be pointed at; 0.1 draws tight specks, 0.8 loses neighbours.
_MIN_DIST = 0.5

# The usual value of the paper, which large collections do not change much.
_PERPLEXITY = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MapMethod:
    """One way to draw the images.

    Attributes
    ----------
    name : str
        For `MapOptions.method`.
    title : str
        For the screen.
    explanation : str
        One plain sentence.
    parameters : tuple of str
        Which of the parameters of `MapOptions` it has.
    quick : bool
        Whether it is there at once, even for 30,000 images.
    """

    name: str
    title: str
    explanation: str
    parameters: tuple[str, ...] = ()
    quick: bool = False


SKETCH = MapMethod(
    name="diffusion",
    title="Sketch",
    explanation="The directions in which the space of the groups varies most.",
    quick=True,
)
MAPS = (
    MapMethod(
        name="umap",
        title="UMAP",
        explanation="Keeps look-alikes together and parts groups clearly; distances between groups mean little.",
        parameters=("n_neighbors", "min_dist"),
    ),
    MapMethod(
        name="tsne",
        title="t-SNE",
        explanation="Keeps the nearest look-alikes of each picture together most faithfully, and fills the map evenly.",
        parameters=("perplexity",),
    ),
    MapMethod(
        name="pca",
        title="PCA",
        explanation="The directions in which the pictures differ most: true distances, but groups cover one another.",
        quick=True,
    ),
    MapMethod(
        name="spectral",
        title="Spectral",
        explanation="Short lines between look-alikes; parts the two or three largest groups and crowds the others.",
        parameters=("n_neighbors",),
        quick=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOptions:
    """How the images are drawn; the fields are the options of `imgcluster.maps.layout.map_coordinates`.

    Attributes
    ----------
    method : {"umap", "tsne", "pca", "spectral", "diffusion"}
    n_components : {2, 3}
    n_neighbors : int or None
        UMAP and spectral: neighbours of each image, itself included, at least 2. None is automatic: as many as in the
        graph of the space.
    min_dist : float or None
        UMAP: how near to each other dots are pulled, from 0 to 1. None is automatic: 0.5.
    perplexity : float or None
        t-SNE: how many neighbours each image minds, above 1. None is automatic: 30, or less for fewer than 91 images.

    Raises
    ------
    ParameterError
    """

    method: str = "umap"
    n_components: int = 2
    n_neighbors: int | None = None
    min_dist: float | None = None
    perplexity: float | None = None

    def __post_init__(self) -> None:
        map_method(self.method)
        if self.n_components not in (2, 3):
            raise ParameterError(f"A map has 2 or 3 dimensions, not {self.n_components}.")
        if self.n_neighbors is not None and self.n_neighbors < 2:
            raise ParameterError(
                f"n_neighbors={self.n_neighbors} should be at least 2: the picture itself counts as one.",
                hint="Leave the number of neighbours empty for the automatic one.",
            )
        if self.min_dist is not None and not 0 <= self.min_dist <= 1:
            raise ParameterError(
                f"min_dist={self.min_dist} should be from 0 to 1.", hint="Leave it empty for the automatic value."
            )
        if self.perplexity is not None and not 1 < self.perplexity < math.inf:
            raise ParameterError(
                f"perplexity={self.perplexity} should be above 1.", hint="Leave it empty for the automatic value."
            )


def map_method(name: str) -> MapMethod:
    """Return the map of that name.

    Raises
    ------
    ParameterError
        When there is none.
    """
    for method in (*MAPS, SKETCH):
        if method.name == name:
            return method
    names = ", ".join(method.name for method in MAPS)
    raise ParameterError(f'There is no map "{name}".', hint=f"Choose one of {names}.")


def resolve_map_options(options: MapOptions, space: Space) -> MapOptions:
    """Return what will be done: automatic values filled in, what is too large for so few images made smaller.

    What the method does not have becomes None, so that equal results have equal options.

    Parameters
    ----------
    options : MapOptions
    space : Space

    Returns
    -------
    MapOptions
    """
    n_points = len(np.unique(space.first_twin))
    resolved = {
        "n_neighbors": min(options.n_neighbors or space.neighbors.shape[1], n_points),
        "min_dist": _MIN_DIST if options.min_dist is None else options.min_dist,
        "perplexity": min(options.perplexity or _PERPLEXITY, _largest_perplexity(n_points)),
    }
    has = map_method(options.method).parameters if n_points >= MIN_FOR_UMAP else ()
    return replace(options, **{name: value if name in has else None for name, value in resolved.items()})


def _largest_perplexity(n_points: int) -> float:
    """A third of the others, down to one decimal: t-SNE looks at three times as many neighbours."""
    return math.floor((n_points - 1) / 3 * 10) / 10
