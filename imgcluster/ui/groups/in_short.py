"""A group at one glance: a few pictures that cover it, and the mean of all."""

import io

import numpy as np
import streamlit as st
from PIL import Image

from imgcluster.errors import NoImagesError
from imgcluster.finding.representatives import MOST_COVERING, covering_images, mean_of_thumbnails
from imgcluster.grouping.reach import evenly_spread
from imgcluster.ui.components.gallery import gallery
from imgcluster.ui.fingerprints import collection_key
from imgcluster.ui.groups.data import members, summary_of, texts_of, thumbnail_loader
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.picture_view import open_picture
from imgcluster.ui.inline import show_image
from imgcluster.ui.messages import count, plain
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = ["show_in_short"]

_LEAST = 4  # of fewer pictures, all are seen at one glance
_MOST_IN_MEAN = 500


def show_in_short(source: Source, grouping: Grouping, partition: Partition, label: int) -> None:
    """Offer a few pictures that show how different a group's pictures are, and their mean."""
    inside = members(grouping, partition, label)
    if label < 0 or len(inside) < _LEAST:
        return
    short = st.expander(
        f"{plain(partition.name(label))} in short",
        icon=":material/visibility:",
        key=f"in-short-{label}",
        on_change="rerun",
    )
    if not short.open:
        return
    with short:
        n_shown = st.slider(
            "Pictures that cover it",
            3,
            MOST_COVERING,
            6,
            key="covering",
            persist_state="session",
            help="The most typical one first, then always the one that is least like those before it.",
        )
        covering = covering_images(grouping.space.coordinates, inside, n_shown, int(inside[0]))
        gallery(
            covering.tolist(),
            key="covering-pictures",
            collection=grouping.features.fingerprint,
            texts=texts_of(grouping, partition, covering),
            colors=[partition.color(label)] * len(covering),
            medoids=summary_of(grouping, partition).medoids,
            label=f"Pictures that cover {partition.name(label)}",
            on_event=open_picture,
        )
        of = f"{collection_key(grouping.collection)}/{grouping.space.fingerprint}"
        mean, n_used = _mean(of, partition.key, label, source, grouping, inside)
        if mean is not None:
            with st.container(width=160):
                show_image(mean, alt=f"The mean of {partition.name(label)}")
            st.caption(f"The mean of {count(n_used, 'picture')}: sharp where they are alike.")


@st.cache_resource(max_entries=64, show_spinner=False)
def _mean(
    of: str, key: str, label: int, _source: Source, _grouping: Grouping, _inside: np.ndarray
) -> tuple[bytes | None, int]:
    """Return the mean of a group's thumbnails as a PNG file, and of how many it is; None where there are none."""
    chosen = np.sort(_inside)[evenly_spread(len(_inside), _MOST_IN_MEAN)].tolist()
    try:
        pixels, n_used = mean_of_thumbnails(thumbnail_loader(_source, _grouping)(chosen))
    except NoImagesError:
        return None, 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue(), n_used
