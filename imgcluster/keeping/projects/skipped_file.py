"""The files of a collection that could not be used, as one array, and back."""

from collections.abc import Mapping, Sequence

import numpy as np

from imgcluster.keeping.models.model_checks import WrongModel
from imgcluster.keeping.texts import LONGEST_PATH, cleaned, is_clean, pack_texts, unpack_texts
from imgcluster.pictures.collection import SkippedImage

__all__ = ["SKIPPED_ARRAY", "read_skipped", "skipped_to_arrays"]

SKIPPED_ARRAY = "skipped"
"""Name of the array, which is missing where every file could be used."""

_MOST, _LONGEST_REASON = 100_000, 1000


def skipped_to_arrays(skipped: Sequence[SkippedImage]) -> dict[str, np.ndarray]:
    """Return the first 100,000 of the files with their reasons, cut to 1,024 and 1,000 characters, without controls."""
    texts: list[str] = []
    for file in skipped[:_MOST]:
        texts += [cleaned(file.path, LONGEST_PATH), cleaned(file.reason, _LONGEST_REASON)]
    return {SKIPPED_ARRAY: pack_texts(texts)} if texts else {}


def read_skipped(arrays: Mapping[str, np.ndarray]) -> tuple[SkippedImage, ...]:
    """Make the files of what `skipped_to_arrays` gave, whoever wrote it.

    Raises
    ------
    WrongModel
    """
    array = arrays.get(SKIPPED_ARRAY)
    if array is None:
        return ()
    n_files, left = divmod(int(np.count_nonzero(array == 0)), 2)
    if left or n_files > _MOST:
        raise WrongModel("the list of its files that could not be used is none")
    try:
        texts = unpack_texts(array, 2 * n_files)
    except ValueError as error:
        raise WrongModel("the list of its files that could not be used cannot be read") from error
    files = tuple(SkippedImage(path=path, reason=reason) for path, reason in zip(texts[::2], texts[1::2], strict=True))
    if not all(is_clean(file.path, LONGEST_PATH) and is_clean(file.reason, _LONGEST_REASON) for file in files):
        raise WrongModel("a file of it that could not be used has no name")
    return files
