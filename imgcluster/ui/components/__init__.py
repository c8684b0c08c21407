"""Our own Streamlit components: thumbnails, map, gallery, strips, pictures side by side, paste, download, the address.

Each is a small script of our own beside its Python file: no frame, no build step, nothing from the network. Importing
this package registers them. They take arrays and plain values, and know nothing of files, stores or pipelines.
"""

from imgcluster.ui.components.address import show_address
from imgcluster.ui.components.download import Download, download
from imgcluster.ui.components.gallery import StripEvent, StripRow, gallery, strips
from imgcluster.ui.components.map import MapEvents, image_map
from imgcluster.ui.components.paste import Pasted, paste_target
from imgcluster.ui.components.side_by_side import Side, SideAction, SideEvent, side_by_side
from imgcluster.ui.components.thumbs import thumb_feed

__all__ = [
    "Download",
    "MapEvents",
    "Pasted",
    "Side",
    "SideAction",
    "SideEvent",
    "StripEvent",
    "StripRow",
    "download",
    "gallery",
    "image_map",
    "paste_target",
    "show_address",
    "side_by_side",
    "strips",
    "thumb_feed",
]
