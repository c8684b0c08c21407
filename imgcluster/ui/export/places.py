"""The map, as it goes along: the one that this session looks at, flat."""

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from imgcluster.progress import Progress, ProgressCallback
from imgcluster.stages.grouping import place_on_map
from imgcluster.ui.groups.map_panel import chosen_map
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = ["map_to_draw"]


def map_to_draw(
    source: Source, grouping: Grouping
) -> tuple[str, Callable[[ProgressCallback, threading.Event], np.ndarray]]:
    """Return what names the map, and the work that draws it, (n_images, 2) float32, for a thread."""
    options, workspace = replace(chosen_map(), n_components=2), workspace_of(source)

    def draw(progress: ProgressCallback, cancel: threading.Event) -> np.ndarray:
        progress(Progress(stage="Drawing the map", done=0, total=0))
        return np.array(place_on_map(grouping.space, options, workspace=workspace, cancel=cancel), dtype=np.float32)

    return str(options), draw
