"""How the tests look into a figure."""


def answering(figure):
    """Return the one trace that the pointer finds."""
    traces = [trace for trace in figure.data if trace.hoverinfo != "skip"]
    assert len(traces) == 1
    assert all(trace.customdata is None for trace in figure.data if trace is not traces[0])
    return traces[0]


def shape(figure, name: str):
    return next((shape for shape in figure.layout.shapes if shape.name == name), None)


def texts(figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]
