"""The groups on the page: each with its name, what is known of it, and its pictures, the most typical ones first."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath

import numpy as np

from imgcluster.editing.groups import NO_GROUP
from imgcluster.keeping.final import FinalGroups
from imgcluster.progress import raise_if_cancelled
from imgcluster.reporting.embedding import Thumbnails, embedded
from imgcluster.reporting.markup import color_class, json_block, safe
from imgcluster.wording import counted

__all__ = [
    "N_AT_ONCE",
    "N_SHOWN",
    "facts",
    "group_color",
    "group_id",
    "group_parts",
    "listed_groups",
    "listed_images",
    "marked_title",
]

N_SHOWN = 12
"""Pictures of each group that are on the page itself, and on paper; the others come when they are asked for."""

N_AT_ONCE = 100
"""How many of the others come at once."""


def group_id(final: FinalGroups, label: int) -> str:
    """Return the name of a group's place on the page."""
    return "no-group" if label == NO_GROUP else f"group-{final.number(label)}"


def group_color(final: FinalGroups, label: int) -> str:
    """Return the class that gives an element the colour of a group."""
    return color_class(NO_GROUP if label == NO_GROUP else final.groups.numbers[label])


def marked_title(final: FinalGroups, label: int) -> str:
    """Return what a group is called, with a word where that is only proposed: "Cats (proposed)"."""
    return final.title(label) + (" (proposed)" if final.origin(label) == "proposed" else "")


def listed_groups(final: FinalGroups) -> tuple[int, ...]:
    """Return the labels of all groups as they are listed: the largest first."""
    sizes, numbers = final.groups.sizes, final.groups.numbers
    return tuple(sorted(range(final.groups.n_groups), key=lambda label: (-int(sizes[label]), numbers[label])))


def listed_images(final: FinalGroups, label: int) -> list[int]:
    """Return the images of a group: its medoid, then the others from its middle outwards; of no group as they come."""
    members = final.groups.members(label)
    if label == NO_GROUP:
        return members.tolist()
    distances = np.nan_to_num(final.distances[members], nan=np.inf)
    order = np.lexsort((members, distances, members != final.medoids[label]))
    return members[order].tolist()


def facts(final: FinalGroups, label: int, images: Sequence[int]) -> str:
    """Return what is known of a group, in a line."""
    said = [counted(len(images), "picture")]
    if label != NO_GROUP:
        if final.origin(label) != "number":
            said.insert(0, f"Group {final.number(label)}")
        if len(images) > 1 and final.groups.n_groups > 1:
            fits = final.silhouettes[images]
            n_negative = int((fits < 0).sum())
            said.append(f"fit {float(np.mean(fits)):.2f}" + (f", {n_negative:,} below 0" if n_negative else ""))
        said += {"edited": ["name given by hand"], "proposed": ["name proposed"], "number": []}[final.origin(label)]
        said += ["locked"] if final.groups.locked[label] else []
    n_copies = 0 if final.copy_of is None else int((final.copy_of[images] >= 0).sum())
    if n_copies:
        said.append("1 is a copy" if n_copies == 1 else f"{n_copies:,} are copies")
    return " · ".join(said)


def group_parts(
    final: FinalGroups,
    label: int,
    *,
    thumbnails: Thumbnails,
    size: int,
    done: Callable[[int], object],
    cancel: threading.Event | None,
) -> Iterator[str]:
    """Yield the HTML of one group, bit by bit.

    Parameters
    ----------
    final : FinalGroups
    label : int
        -1 is those in no group.
    thumbnails : callable
        See `imgcluster.reporting.embedding.Thumbnails`.
    size : int
        Longest side of the pictures.
    done : callable
        Called with each image that was written.
    cancel : threading.Event or None
    """
    images, name = listed_images(final, label), group_id(final, label)
    yield (
        f'<article class="group {group_color(final, label)}" id="{name}" tabindex="-1" '
        f'aria-labelledby="{name}-title">\n'
        f'<h3 id="{name}-title"><span class="dot"></span>{safe(final.title(label))}</h3>\n'
        f'<p class="facts">{safe(facts(final, label, images))}</p>\n<ul class="pictures">\n'
    )
    shown, rest = images[:N_SHOWN], images[N_SHOWN:]
    for image, picture in zip(shown, embedded(shown, thumbnails, size=size), strict=True):
        raise_if_cancelled(cancel)
        yield _item(image, final.images[image].path, picture, is_medoid=label >= 0 and image == final.medoids[label])
        done(image)
    yield "</ul>\n"
    if rest:
        yield (
            f'<details class="rest" data-group="{label}"><summary>Show {counted(len(rest), "more picture")}</summary>'
            '<ul class="pictures"></ul></details>\n'
            f'<p class="paper">{counted(len(rest), "more picture")}: in the file that this was printed from.</p>\n'
        )
        for start in range(0, len(rest), N_AT_ONCE):
            block = rest[start : start + N_AT_ONCE]
            pictures = []
            for image, picture in zip(block, embedded(block, thumbnails, size=size), strict=True):
                raise_if_cancelled(cancel)
                pictures.append(picture)
                done(image)
            yield json_block({"images": block, "pictures": pictures}, data_group=label, data_part=start // N_AT_ONCE)
    yield "</article>\n"


def _item(image: int, path: str, picture: str | None, *, is_medoid: bool) -> str:
    words = f"{path} (the most typical)" if is_medoid else path
    kind = ' class="medoid"' if is_medoid else ""
    if picture is None:
        shown = f'<span class="missing" role="img" aria-label="{safe(words)}: no picture"></span>'
    else:
        shown = f'<img data-image="{image}" src="data:image/jpeg;base64,{picture}" alt="{safe(words)}" loading="lazy">'
    caption = safe(PurePosixPath(path).name)
    return f'<li{kind}>{shown}<span class="name" aria-hidden="true" title="{safe(path)}">{caption}</span></li>\n'
