"""What the commands share: progress on standard error, JSON and the names of skipped files on standard output."""

import dataclasses
import json
import math
import sys

import numpy as np
from tqdm import tqdm

from imgcluster.choosing.recommendation import Recommendation
from imgcluster.pictures.collection import Collection
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.wording import counted

__all__ = [
    "ProgressBars",
    "print_json",
    "print_notes",
    "recommendation_as_dict",
    "skipped_as_dicts",
    "skipped_note",
]

# No rate: some stages count pictures, others numbers of groups, and the time left says it better.
_BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}]"


class ProgressBars:
    """One tqdm bar on standard error for each stage, drawn from the reports of the pipeline."""

    def __enter__(self) -> ProgressCallback:
        self._bar: tqdm | None = None
        self._stage = ""
        return self._report

    def __exit__(self, *error: object) -> None:
        self._close()

    def _report(self, progress: Progress) -> None:
        if self._bar is None or progress.stage != self._stage:
            self._close()
            self._stage = progress.stage
            self._bar = tqdm(total=progress.total, desc=progress.stage, bar_format=_BAR, file=sys.stderr, disable=None)
        self._bar.update(progress.done - self._bar.n)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def print_notes(notes: tuple[str, ...]) -> None:
    """Print to standard error what was done otherwise than usual."""
    for note in notes:
        print(note, file=sys.stderr)


def print_json(result: dict[str, object]) -> None:
    """Print strict JSON: what is no finite number becomes null."""
    print(json.dumps(_strict(result), indent=1, ensure_ascii=False, allow_nan=False))


def recommendation_as_dict(recommendation: Recommendation | None) -> dict[str, object] | None:
    """Return all that a recommendation holds, its reasons included."""
    return dataclasses.asdict(recommendation) if recommendation is not None else None


def skipped_as_dicts(collection: Collection) -> list[dict[str, str]]:
    """Return the files that could not be used, with the reasons."""
    return [{"path": image.path, "reason": image.reason} for image in collection.skipped]


def skipped_note(collection: Collection) -> list[str]:
    """Return a line that counts the files that could not be used, none where there are none."""
    n_skipped = len(collection.skipped)
    return [f"{counted(n_skipped, 'file')} could not be used; the command cluster names them."] if n_skipped else []


def _strict(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dict):
        return {key: _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
