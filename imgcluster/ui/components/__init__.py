"""Our own Streamlit components: the thumbnail feed, the map, the gallery, the strips and the page's address.

Each is a small script of our own beside its Python file: no frame, no build step, nothing from the network. Importing
this package registers them. They take arrays and plain values, and know nothing of files, stores or pipelines.
"""

from imgcluster.ui.components.address import show_address
from imgcluster.ui.components.gallery import StripEvent, StripRow, gallery, strips
from imgcluster.ui.components.map import MapEvents, image_map
from imgcluster.ui.components.thumbs import thumb_feed

__all__ = ["MapEvents", "StripEvent", "StripRow", "gallery", "image_map", "show_address", "strips", "thumb_feed"]
