"""What was clicked in a chart of Streamlit's: a browser can send anything."""

from collections.abc import Mapping

__all__ = ["clicked"]


def clicked(state: object) -> int | None:
    """Return the ``customdata`` of the first selected point of a chart's state where it is a whole number."""
    selection = state.get("selection") if isinstance(state, Mapping) else None
    points = selection.get("points") if isinstance(selection, Mapping) else None
    point = points[0] if isinstance(points, list) and points else None
    number = point.get("customdata") if isinstance(point, Mapping) else None
    if isinstance(number, list) and len(number) == 1:
        number = number[0]
    return number if type(number) is int else None
