"""The report: one HTML file with the groups, their pictures and how they were found, that needs no network at all.

It is written bit by bit, so that no more than a hundred pictures are in memory. Its policy forbids the browser to load
anything, and to use any script or style but those that are named in it by their hashes.
"""

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path
from string import Template

import numpy as np

from imgcluster.editing.groups import NO_GROUP
from imgcluster.keeping.export import scan_table
from imgcluster.keeping.final import FinalGroups
from imgcluster.keeping.writing import write_aside
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.reporting.charts import curve_charts, sizes_chart
from imgcluster.reporting.embedding import Thumbnails, embedded_size
from imgcluster.reporting.gallery import (
    group_color,
    group_id,
    group_parts,
    listed_groups,
    listed_images,
    marked_title,
)
from imgcluster.reporting.markup import color_rules, json_block, list_items, safe, table
from imgcluster.version import __version__
from imgcluster.wording import counted

__all__ = ["report_parts", "write_report"]

_STAGE = "Writing the report"
_PLACES = 10_000  # steps from one end of the map to the other
_PACKAGES = ("numpy", "scikit-learn", "Pillow")
_PROPOSED = '<span class="origin">proposed</span>'


def write_report(
    final: FinalGroups,
    out: Path,
    *,
    thumbnails: Thumbnails,
    written: str | None = None,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> None:
    """Write the report of some groups to a file.

    Parameters
    ----------
    final : FinalGroups
    out : Path
        The file; it is written aside and then put in place whole. An older one is replaced.
    thumbnails : callable
        Returns the JPEG thumbnails of images by their indices, None where there is none; called with up to 100 indices
        at a time.
    written : str, optional
        The date, for the page; without it the same groups give the same file.
    progress : callable, optional
        Called as pictures are written.
    cancel : threading.Event, optional

    Raises
    ------
    FolderError
        When the file cannot be written there.
    Cancelled
        ``cancel`` was set; nothing was written.
    """
    parts = report_parts(final, thumbnails=thumbnails, written=written, progress=progress, cancel=cancel)
    write_aside(out, lambda file: file.writelines(parts))


def report_parts(
    final: FinalGroups,
    *,
    thumbnails: Thumbnails,
    written: str | None = None,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Iterator[bytes]:
    """Yield the report bit by bit, in UTF-8: for a file, or for a download. See `write_report`."""
    begun, n_done = time.monotonic(), 0

    def done(image: int) -> None:
        nonlocal n_done
        n_done += 1
        if progress is not None:
            path, seconds = final.images[image].path, time.monotonic() - begun
            progress(Progress(stage=_STAGE, done=n_done, total=len(final.images), current=path, seconds=seconds))

    before, after = _file("page.html").split("<!-- groups -->")
    script = _file("page.js")
    size = embedded_size(len(final.images))
    values = _values(final, script, written)
    yield Template(before).substitute(values).encode()
    for label in (*listed_groups(final), NO_GROUP):
        if label == NO_GROUP:
            if not (final.groups.labels == NO_GROUP).any():
                continue
            yield b'</section>\n<section aria-labelledby="none-title">\n<h2 id="none-title">In no group</h2>\n'
        for part in group_parts(final, label, thumbnails=thumbnails, size=size, done=done, cancel=cancel):
            yield part.encode()
    yield Template(after).substitute(values).encode()


def _values(final: FinalGroups, script: str, written: str | None) -> dict[str, str]:
    style = f"{_file('page.css')}\n{color_rules()}"
    return {
        "title": safe(final.name),
        "style": style,
        "script": script,
        "policy": f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'",
        "counts": safe(_counts(final)),
        "written": f"<p>{safe(written)}</p>" if written else "",
        "numbers": _numbers(final),
        "map": _map(final),
        "index": _index(final),
        "facts": _made(final),
        "history": _history(final),
        "skipped": _skipped(final),
        "data": json_block(_data(final), id="data"),
        "version": safe(__version__),
    }


def _digest(text: str) -> str:
    """Return a text's hash, as a policy names what may be used."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _counts(final: FinalGroups) -> str:
    n_outside = int((final.groups.labels == NO_GROUP).sum())
    said = [f"{counted(len(final.images), 'picture')} in {counted(final.groups.n_groups, 'group')}"]
    said += [f"{n_outside:,} of them in none"] if n_outside else []
    said += [f"{counted(len(final.skipped), 'file')} skipped"] if final.skipped else []
    below = final.groups.hidden_below
    hidden = (
        f" Groups of fewer than {counted(below, 'picture')} are hidden in the app, and shown here." if below else ""
    )
    return ", ".join(said) + "." + hidden


def _numbers(final: FinalGroups) -> str:
    """Return the sentence, the charts, and the scores as a table."""
    order = listed_groups(final)
    sentence = f'<p class="sentence">{safe(final.sentence)}</p>' if final.sentence else ""
    charts, scores = [], ""
    if final.scan is not None:
        chosen = final.parameters.get("n_clusters")
        charts += curve_charts(final.scan, chosen=chosen if isinstance(chosen, int) else None)
        header, rows = scan_table(final.scan)
        cells = [["" if value is None else f"{value:.6g}" for value in row] for row in rows]
        words = table([name.replace("_", " ") for name in header], cells, caption="All scores")
        scores = f'<details class="scores"><summary>All scores as a table</summary>{words}</details>'
    if order:
        sizes = [int(final.groups.sizes[label]) for label in order]
        numbers = [final.groups.numbers[label] for label in order]
        charts.append(sizes_chart(sizes, numbers, [marked_title(final, label) for label in order]))
    if not sentence and not charts:
        return ""
    return (
        '<section aria-labelledby="numbers-title">\n<h2 id="numbers-title">How many groups</h2>\n'
        f'{sentence}<div class="charts">{"".join(charts)}</div>{scores}\n</section>'
    )


def _map(final: FinalGroups) -> str:
    return "" if final.places is None else _file("map.html")


def _index(final: FinalGroups) -> str:
    """Return the list of all groups: it does what the map does, without a pointer."""
    sizes = {label: int((final.groups.labels == label).sum()) for label in (*listed_groups(final), NO_GROUP)}
    return "".join(
        f'<li><a class="{group_color(final, label)}" data-group="{label}" href="#{group_id(final, label)}">'
        f'<span class="dot"></span><span class="title">{safe(final.title(label))}</span>'
        f'{_PROPOSED if final.origin(label) == "proposed" else ""}<span class="count">{size:,}</span></a></li>\n'
        for label, size in sizes.items()
        if size
    )


def _made(final: FinalGroups) -> str:
    rows = [
        ("What counts as similar", final.likeness),
        ("Space", final.space),
        *((f"{name} (space)", f"{value}") for name, value in final.space_parameters.items()),
        ("Method", final.method),
        *((name, f"{value}") for name, value in final.parameters.items()),
        ("imgcluster", __version__),
        *((name, metadata.version(name)) for name in _PACKAGES),
    ]
    return "".join(f"<div><dt>{safe(name)}</dt><dd>{safe(value)}</dd></div>" for name, value in rows)


def _history(final: FinalGroups) -> str:
    if not final.history and not final.lost:
        return ""
    done = f'<ol class="history">{list_items(final.history)}</ol>\n' if final.history else ""
    lost = f'<p>Not carried over to these groups:</p>\n<ul class="history">{list_items(final.lost)}</ul>\n'
    return (
        '<section aria-labelledby="history-title">\n<h2 id="history-title">Changed by hand</h2>\n'
        f"{done}{lost if final.lost else ''}</section>"
    )


def _skipped(final: FinalGroups) -> str:
    if not final.skipped:
        return ""
    rows = [(file.path, file.reason) for file in final.skipped]
    return (
        '<section aria-labelledby="skipped-title">\n<h2 id="skipped-title">Skipped files</h2>\n'
        f"{table(('File', 'Why'), rows, caption='Table of skipped files')}\n</section>"
    )


def _data(final: FinalGroups) -> dict[str, object]:
    """Return what the script is told; names among it are only ever shown as text."""
    labels = range(NO_GROUP, final.groups.n_groups)
    return {
        "names": [image.path for image in final.images],
        "groups": final.groups.labels.tolist(),
        "titles": {str(label): marked_title(final, label) for label in labels},
        "ids": {str(label): group_id(final, label) for label in labels},
        "medoids": [int(final.medoids[label]) for label in listed_groups(final)],
        "order": [image for label in (*listed_groups(final), NO_GROUP) for image in listed_images(final, label)],
        "places": None if final.places is None else _steps(final.places).ravel().tolist(),
    }


def _steps(places: np.ndarray) -> np.ndarray:
    """Return the places as whole numbers of 0 to 10,000, with the same scale both ways; y goes down, as on a screen."""
    places = np.nan_to_num(np.asarray(places, dtype=np.float64))
    if len(places) == 0:
        return np.zeros((0, 2), dtype=np.int64)
    low, high = places.min(axis=0), places.max(axis=0)
    centred = (places - (low + high) / 2) * (1, -1) / (float((high - low).max()) or 1)
    return np.round((centred + 0.5) * _PLACES).astype(np.int64)


def _file(name: str) -> str:
    return resources.files("imgcluster.reporting").joinpath(name).read_text(encoding="utf-8")
