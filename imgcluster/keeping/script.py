"""Groups as a Python script: what was chosen, in a few lines that make them again, and what was changed by hand."""

from collections.abc import Mapping
from dataclasses import fields
from string import Template

import numpy as np

from imgcluster.editing.groups import NO_GROUP
from imgcluster.extractors.registry import kind_named
from imgcluster.features.options import parse_features
from imgcluster.grouping.methods import MethodOptions
from imgcluster.keeping.final import FinalGroups
from imgcluster.version import __version__

__all__ = ["python_script"]

_METHOD = tuple(field.name for field in fields(MethodOptions))

# Everything that comes from a person or a file is put in as a literal (`repr`), which no text can break out of; nothing
# of it goes into comments.
_SCRIPT = Template('''\
"""Makes the groups again, with imgcluster $version: python THIS_FILE [FOLDER]."""

import sys

import imgcluster
$notes
SOURCE = $source

# Of the groups, by number: what they are called, and one of the pictures that the method finds for each.
NAMES = $names
FOUND = $found

# What was changed by hand: the number of the group that a picture was put into.
MOVED = $moved


def grouped(source):
    """Return the number of each picture's group by its path; -1 is no group."""
    result = imgcluster.cluster_images(
        $collection,
        extractor=$extractor,
        space=imgcluster.SpaceOptions($space),
        method=imgcluster.MethodOptions($method),
        random_state=$random_state,
    )
    labels = dict(zip(result.collection.paths, result.clustering.labels.tolist()))
    gone = [path for path in FOUND if path not in labels]
    if gone:
        sys.exit(f"{gone[0]} is not there: these are other pictures.")
    number_of = {labels[path]: number for path, number in FOUND.items()}
    return {path: MOVED.get(path, number_of.get(label, -1)) for path, label in labels.items()}


if __name__ == "__main__":
    groups = grouped(sys.argv[1] if len(sys.argv) > 1 else SOURCE)
    for number, name in NAMES.items():
        paths = [path for path, group in groups.items() if group == number]
        print(f"{name}: {len(paths)}")
        print(*(f"  {path}" for path in paths), sep="\\n")
''')


def python_script(final: FinalGroups, *, source: str, is_sample: bool = False) -> str:
    """Return a script that makes the groups again with this library, and prints them.

    Parameters
    ----------
    final : FinalGroups
    source : str
        The folder or ZIP file; another one can be given when the script is called.
    is_sample : bool, default False
        Whether that is the name of a built-in sample.

    Returns
    -------
    str
        Whatever names and paths there are, none of them is run.
    """
    anchors, moved = _found_again(final)
    notes = [f"# {note}" for note in _notes(final)]
    numbers = sorted(range(final.groups.n_groups), key=final.number)
    names = {final.number(label): final.title(label) for label in numbers}
    paths = [image.path for image in final.images]
    random_state = final.parameters.get("random_state", 0)
    return _SCRIPT.substitute(
        version=__version__,
        notes="\n".join(["", *notes, ""]) if notes else "",
        source=repr(source),
        names=_dict(names | {NO_GROUP: final.title(NO_GROUP)}),
        found=_dict({paths[image]: number for image, number in anchors.items()}),
        moved=_dict({paths[image]: number for image, number in moved.items()}),
        collection="imgcluster.open_collection(source, sample=True)" if is_sample else "source",
        extractor=repr(final.likeness),
        space=_arguments({"method": final.space, **final.space_parameters}),
        method=_arguments({"method": final.method, **_chosen(final)}),
        random_state=repr(int(random_state)),
    )


def _found_again(final: FinalGroups) -> tuple[dict[int, int], dict[int, int]]:
    """Return by which image each found cluster is known, with its group's number, and the images that were moved.

    A cluster is the group that most of its images are in now; all others were moved.
    """
    labels = final.groups.labels
    found = labels if final.found is None else final.found
    anchors, moved = {}, {}
    for label in range(NO_GROUP, int(found.max(initial=NO_GROUP)) + 1):
        members = np.flatnonzero(found == label)
        if len(members) == 0:
            continue
        if label == NO_GROUP:
            group = NO_GROUP
        else:
            group = int(np.bincount(labels[members] + 1).argmax()) - 1
            anchors[int(members[0])] = final.number(group)
        moved |= {image: final.number(int(labels[image])) for image in members[labels[members] != group].tolist()}
    return anchors, dict(sorted(moved.items()))


def _notes(final: FinalGroups) -> list[str]:
    options, notes = parse_features(final.likeness), []
    if options.vectors:
        notes.append("The vectors come from a file on the computer where the groups were made.")
    elif options.names_a_file:
        notes.append("A network is read from a file on the computer where the groups were made.")
    elif any(kind_named(part.name).trained for part in options.parts):
        notes.append("The network learns from the pictures anew: on another computer it may come to other groups.")
    if any(image.member is not None for image in final.images):
        notes.append("The pictures were in a ZIP file, or had been uploaded.")
    if final.skipped:
        notes.append(f"Files that could not be used then: {len(final.skipped):,}.")
    return notes


def _chosen(final: FinalGroups) -> dict[str, object]:
    return {name: final.parameters[name] for name in _METHOD if name != "method" and name in final.parameters}


def _arguments(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={_literal(value)}" for name, value in values.items())


def _dict(values: Mapping[object, object]) -> str:
    lines = "".join(f"    {_literal(key)}: {_literal(value)},\n" for key, value in values.items())
    return f"{{\n{lines}}}" if lines else "{}"


def _literal(value: object) -> str:
    return repr(value.item() if isinstance(value, np.generic) else value)
