"""The spaces that can be chosen, what is said of each, and what "automatic" means."""

from dataclasses import dataclass, replace

from imgcluster.errors import ParameterError

__all__ = ["SCALINGS", "SPACES", "SpaceMethod", "SpaceOptions", "resolve_options", "space_method"]

SCALINGS = ("none", "l2", "zscore", "hellinger")

_N_NEIGHBORS = 15

# A graph with more is no picture of who is near whom, and holds n times as many weights.
_MOST_NEIGHBORS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceMethod:
    """One way to make a space.

    Attributes
    ----------
    name : str
        For `SpaceOptions.method` and the command line.
    title : str
        For the screen.
    explanation : str
        One plain sentence.
    n_dims : int or None
        The automatic number of dimensions, fewer where there are fewer different images; None where the data say it.
    n_dims_rule : str
        The same in one sentence, with the reason.
    max_exact : int or None
        With more different images the method does what ``beyond`` says; None where it is the same for any number.
    beyond : str
        One sentence; empty where ``max_exact`` is None.
    new_images : str
        One sentence: how an image that is not in the collection gets its place.
    """

    name: str
    title: str
    explanation: str
    n_dims: int | None
    n_dims_rule: str
    max_exact: int | None = None
    beyond: str = ""
    new_images: str


_VARIANCE_RULE = (
    "As many directions as hold 90 % of the differences between the pictures, from 2 to 50: what is left then is "
    "mostly chance."
)
_BY_NEIGHBORS = "A new picture gets a place among its nearest known pictures, weighted by how near each is"

SPACES = (
    SpaceMethod(
        name="diffusion",
        title="Diffusion map",
        explanation="Pictures lie close when short steps from look-alike to look-alike lead from one to the other.",
        n_dims=20,
        n_dims_rule="20 dimensions: 10 to 20 score alike, 50 are worse.",
        new_images=f"{_BY_NEIGHBORS} (Nystroem's formula).",
    ),
    SpaceMethod(
        name="pca",
        title="Principal components (PCA)",
        explanation="The directions along which the pictures differ most; all else is left out.",
        n_dims=None,
        n_dims_rule=_VARIANCE_RULE,
        new_images="A new picture is projected on the same directions.",
    ),
    SpaceMethod(
        name="svd",
        title="Truncated SVD",
        explanation="Like PCA without subtracting the mean: the first direction is what the pictures have in common.",
        n_dims=None,
        n_dims_rule=_VARIANCE_RULE,
        new_images="A new picture is projected on the same directions.",
    ),
    SpaceMethod(
        name="kernel_pca",
        title="Kernel PCA",
        explanation="Principal components of how similar each picture is to the others; finds bent groups, too.",
        n_dims=20,
        n_dims_rule="20 dimensions, as many as the diffusion map has.",
        max_exact=2000,
        beyond="It is fitted on 2,000 pictures chosen at random, and the others are placed by their likeness to those.",
        new_images="A new picture is placed by its likeness to the pictures that the space was fitted on.",
    ),
    SpaceMethod(
        name="lle",
        title="Locally linear embedding (LLE)",
        explanation="Each picture stays the same mixture of its nearest look-alikes that it is of their features.",
        n_dims=10,
        n_dims_rule="10 dimensions: with more, what sets single pictures apart outweighs what sets groups apart.",
        max_exact=2000,
        beyond="It is fitted on 2,000 pictures chosen at random, and the others are placed as mixtures of those.",
        new_images="A new picture becomes the mixture of its nearest known pictures that resembles it most.",
    ),
    SpaceMethod(
        name="spectral",
        title="Spectral embedding",
        explanation="Look-alikes are pulled together; the first dimensions part the largest groups.",
        n_dims=None,
        n_dims_rule=(
            "Up to 10 dimensions, as long as walks along them are slow (eigenvalues of at least 0.9): each of these "
            "parts about one group from the others, and later ones set single pictures apart."
        ),
        new_images=f"{_BY_NEIGHBORS} (Nystroem's formula).",
    ),
    SpaceMethod(
        name="umap",
        title="UMAP",
        explanation="Keeps neighbours together and pushes all others away; makes tight groups, and needs the longest.",
        n_dims=10,
        n_dims_rule="10 dimensions: enough room for many groups to lie apart, and quick.",
        new_images=f"{_BY_NEIGHBORS}; UMAP itself is not run again, so the place is approximate.",
    ),
    SpaceMethod(
        name="none",
        title="All features",
        explanation="The scaled features themselves, with nothing left out.",
        n_dims=None,
        n_dims_rule="As many dimensions as there are features.",
        new_images="A new picture's features are scaled in the same way.",
    ),
    SpaceMethod(
        name="map",
        title="The map",
        explanation="The two coordinates of the UMAP map: groups are what one sees, and nothing else counts.",
        n_dims=2,
        n_dims_rule="2 dimensions: it is the map.",
        new_images=f"{_BY_NEIGHBORS}; the map is not drawn again, so the place is approximate.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceOptions:
    """What the user can choose about the space. The default is that of `imgcluster.spaces.space.fit_space`.

    Attributes
    ----------
    method : {"diffusion", "pca", "svd", "kernel_pca", "lle", "spectral", "umap", "none", "map"}
    n_dims : int or None, default None
        Columns of the space; None is automatic, see `SPACES`.
    scaling : {"auto", "none", "l2", "zscore", "hellinger"}, default "auto"
        What is done to the features first: nothing, rows of unit length, columns of mean 0 and variance 1, or signed
        square roots in rows of unit length. "auto" is what suits the extractor: the last for networks.
    n_neighbors : int or None, default None
        Neighbours of each image, itself included, from 2 to 1,000; None is 15.

    Raises
    ------
    ParameterError
        When there is no such method or scaling, or a number is out of range.
    """

    method: str = "diffusion"
    n_dims: int | None = None
    scaling: str = "auto"
    n_neighbors: int | None = None

    def __post_init__(self) -> None:
        space_method(self.method)
        if self.scaling not in ("auto", *SCALINGS):
            raise ParameterError(
                f'There is no scaling "{self.scaling}".', hint=f"Choose one of auto, {', '.join(SCALINGS)}."
            )
        if self.n_dims is not None and self.n_dims < 1:
            raise ParameterError(f"n_dims={self.n_dims} should be at least 1.")
        if self.method == "map" and self.n_dims not in (None, 2):
            raise ParameterError(
                f"The map has 2 dimensions, so n_dims={self.n_dims} has no meaning there.",
                hint='Leave the number of dimensions automatic, or choose the space "umap".',
            )
        if self.n_dims is not None and self.method == "none":
            raise ParameterError(
                f'The space "none" keeps all features, so n_dims={self.n_dims} has no meaning there.',
                hint='Leave the number of dimensions automatic, or choose the space "pca".',
            )
        if self.n_neighbors is not None and not 2 <= self.n_neighbors <= _MOST_NEIGHBORS:
            raise ParameterError(
                f"n_neighbors={self.n_neighbors} should be from 2 (the picture itself and one other) "
                f"to {_MOST_NEIGHBORS:,}."
            )


def space_method(name: str) -> SpaceMethod:
    """Return the entry of `SPACES` with this name.

    Raises
    ------
    ParameterError
        When there is none.
    """
    for method in SPACES:
        if method.name == name:
            return method
    raise ParameterError(
        f'There is no space "{name}".', hint=f"Choose one of {', '.join(method.name for method in SPACES)}."
    )


def resolve_options(options: SpaceOptions, *, scaling: str = "hellinger") -> SpaceOptions:
    """Put the numbers and names in place of what is automatic; ``n_dims`` stays None where the data decide.

    ``scaling`` is what suits the features. For a network's that is "hellinger": the diffusion map was measured with it
    on six collections, and on photographs it scores alike with all four.
    """
    return replace(
        options,
        n_dims=space_method(options.method).n_dims if options.n_dims is None else options.n_dims,
        scaling=scaling if options.scaling == "auto" else options.scaling,
        n_neighbors=_N_NEIGHBORS if options.n_neighbors is None else options.n_neighbors,
    )
