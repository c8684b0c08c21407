"""``python -m imgcluster tree``: the tree of a folder's pictures, in Newick's form or as JSON."""

import argparse
import threading
from pathlib import Path

import numpy as np

from imgcluster.commands.likeness import feature_options
from imgcluster.commands.output import ProgressBars, print_json, print_notes, skipped_as_dicts, skipped_note
from imgcluster.commands.ways import space_options
from imgcluster.errors import ParameterError
from imgcluster.grouping.trees.tree_formats import to_nested, to_newick
from imgcluster.keeping.export import write_text
from imgcluster.pipeline import build_tree, open_collection
from imgcluster.results import ImageTree
from imgcluster.wording import counted

__all__ = ["run"]

_WRITERS = {".newick": to_newick, ".nwk": to_newick, ".json": to_nested}


def run(options: argparse.Namespace, cancel: threading.Event) -> None:
    """Build the tree, write it, and say how faithful it is.

    Raises
    ------
    ImgClusterError
    """
    write = _writer(options.out)
    features = feature_options(options)
    space = space_options(options, features)
    collection = open_collection(options.sample or options.folder, sample=bool(options.sample))
    with ProgressBars() as report:
        result = build_tree(
            collection,
            linkage=options.linkage,
            metric=options.metric,
            space=space,
            extractor=features,
            progress=report,
            cancel=cancel,
        )
    print_notes(result.notes)
    if write is not None:
        write_text(Path(options.out), write(result.tree, result.collection.paths))
    if options.json:
        print_json(_as_dict(result))
    else:
        print(_as_text(result, options.out))


def _writer(out: str | None):
    if out is None:
        return None
    ending = Path(out).suffix.lower()
    if ending not in _WRITERS:
        raise ParameterError(
            f'The ending "{ending}" of {out} is none of a tree.', hint=f"Choose one of {', '.join(_WRITERS)}."
        )
    return _WRITERS[ending]


def _as_text(result: ImageTree, out: str | None) -> str:
    tree = result.tree
    lines = [
        f"{counted(tree.n_images, 'picture')}, {tree.kind} linkage, {tree.metric} distance, "
        f"{counted(tree.n_leaves, 'leaf') if tree.n_leaves == 1 else f'{tree.n_leaves:,} leaves'}."
    ]
    if np.isfinite(tree.cophenetic):
        lines.append(f"Cophenetic correlation {tree.cophenetic:.3f}: 1 would be a tree that keeps all distances.")
    if len(tree.linkage):
        last = tree.linkage[::-1][:5, 2]
        lines.append("The last merges are at the heights " + ", ".join(f"{height:.3g}" for height in last) + ".")
    lines += skipped_note(result.collection)
    if out:
        lines.append(f"Written to {out}.")
    return "\n".join(lines)


def _as_dict(result: ImageTree) -> dict[str, object]:
    tree = result.tree
    return {
        "n_images": tree.n_images,
        "n_leaves": tree.n_leaves,
        "linkage": tree.kind,
        "metric": tree.metric,
        "cophenetic": tree.cophenetic,
        "merges": tree.linkage.tolist(),
        "leaf_of": tree.leaf_of.tolist(),
        "paths": list(result.collection.paths),
        "skipped": skipped_as_dicts(result.collection),
        "notes": list(result.notes),
    }
