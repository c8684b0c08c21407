"""From groups to names that the program proposes for them."""

import threading
from dataclasses import dataclass

import numpy as np

from imgcluster.cache import Workspace
from imgcluster.editing.groups import Groups
from imgcluster.errors import ExtractorError, NoImagesError
from imgcluster.extractors.networks.efficientnet import LITE0
from imgcluster.extractors.registry import get_extractor
from imgcluster.features.extraction import Features, extract_features
from imgcluster.features.store import Store
from imgcluster.features.survey import survey_images
from imgcluster.naming.classes import imagenet_words, word_counts
from imgcluster.naming.evidence import Evidence
from imgcluster.naming.origins import camera_evidence, date_evidence, read_origins
from imgcluster.naming.places import file_evidence, folder_evidence
from imgcluster.naming.proposing import Proposal, propose_names
from imgcluster.naming.words import word_evidence
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.progress import ProgressCallback

__all__ = ["ProposedNames", "propose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedNames:
    """What was found for the groups of a collection.

    Attributes
    ----------
    proposals : tuple of Proposal or None, length n_groups
        By label.
    seconds_for_words : float
        How long the built-in network would need before it can find words; 0 where it has looked at all images already,
        or cannot be used.
    notes : tuple of str
        Sentences for the screen: why there are no words.
    """

    proposals: tuple[Proposal | None, ...]
    seconds_for_words: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names alone, empty where there is none."""
        return tuple("" if proposal is None else proposal.name for proposal in self.proposals)


def propose(
    collection: Collection,
    features: Features,
    groups: Groups,
    *,
    workspace: Workspace,
    look: bool = False,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> ProposedNames:
    """Propose names by folder, file names, what the network sees, date and camera: the first that explains a group.

    Parameters
    ----------
    collection : Collection
        The images that the groups are of.
    features : Features
        Of these images, by any extractor.
    groups : Groups
    workspace : Workspace
    look : bool, default False
        Have the built-in network look at the images where it has not: about a minute for some thousands. Otherwise
        there are words only where its vectors are in the store.
    max_pixels : int
    progress : callable, optional
    cancel : threading.Event, optional

    Returns
    -------
    ProposedNames

    Raises
    ------
    Cancelled, StoreError
    """
    labels = groups.labels
    places = [folder_evidence(collection.paths, labels), file_evidence(collection.paths, labels)]
    words: dict[int, Evidence] = {}
    seconds, notes = 0.0, ()
    try:
        vectors, seconds = _seen(
            collection, features, workspace, look=look, max_pixels=max_pixels, progress=progress, cancel=cancel
        )
        if vectors is not None:
            words = _words(vectors, groups)
        else:
            notes = ("No words were looked for: the built-in network has not seen all of these pictures.",)
    except ExtractorError as error:
        notes = (str(error),)
    open_to_names = np.array([not name for name in groups.names], dtype=bool)
    open_to_names[[label for found in (*places, words) for label in found]] = False
    origins = []
    if open_to_names.any():  # files are opened only where nothing better was found
        sample = read_origins(collection.images, labels, progress=progress, cancel=cancel)
        origins = [date_evidence(sample, labels), camera_evidence(sample, labels)]
    proposals = propose_names(groups, [*places, words, *origins])
    return ProposedNames(proposals=proposals, seconds_for_words=seconds, notes=notes)


def _words(vectors: np.ndarray, groups: Groups) -> dict[int, Evidence]:
    vocabulary = imagenet_words()
    counts = word_counts(vectors, groups.labels, groups.n_groups, vocabulary=vocabulary)
    sizes = np.append(groups.sizes, np.count_nonzero(groups.labels < 0))
    return word_evidence(counts, sizes, vocabulary)


def _seen(
    collection: Collection,
    features: Features,
    workspace: Workspace,
    *,
    look: bool,
    max_pixels: int,
    progress: ProgressCallback | None,
    cancel: threading.Event | None,
) -> tuple[np.ndarray | None, float]:
    """Return the built-in network's vectors of all images; without them, None and the seconds that they would take."""
    network = get_extractor(LITE0.name)
    if features.extractor == network.id:
        return features.vectors, 0.0
    with Store(workspace.store_path) as store:
        if not store.missing(network.id, features.hashes):
            return store.vectors(network.id, features.hashes), 0.0
        if not look:
            missing = network.missing()
            return None, 0.0 if missing else survey_images(collection, store=store, max_pixels=max_pixels).seconds
        if missing := network.missing():
            raise missing.error()
        try:
            extract_features(
                collection, extractor=network, store=store, max_pixels=max_pixels, progress=progress, cancel=cancel
            )
        except NoImagesError:
            return None, 0.0
        if store.missing(network.id, features.hashes):  # some have changed or vanished since they were grouped
            return None, 0.0
        return store.vectors(network.id, features.hashes), 0.0
