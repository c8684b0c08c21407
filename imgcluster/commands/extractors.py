"""``python -m imgcluster extractors``: what can count as similar, how fast it is here, and what is missing for it."""

import argparse
import textwrap
import threading

from imgcluster.cache import Workspace
from imgcluster.commands.output import print_json
from imgcluster.extractors.extractor import Kind
from imgcluster.extractors.registry import available_kinds
from imgcluster.features.options import ALIASES
from imgcluster.features.store import Store

__all__ = ["run"]

_WIDTH = 100


def run(options: argparse.Namespace, cancel: threading.Event) -> None:
    """Print the table of extractors.

    Raises
    ------
    ImgClusterError
    """
    with Store(Workspace.default().store_path) as store:
        rows = [_row(kind, store) for kind in available_kinds()]
    if options.json:
        print_json({"extractors": rows, "aliases": ALIASES})
        return
    name, length = (max(len(str(row[key])) for row in rows) for key in ("name", "n_features"))
    for row in rows:
        speed = f"{row['images_per_second']:>4,.0f}/s {'measured here' if row['measured'] else 'about'}"
        print(f"{row['name']:<{name}}  {row['n_features']:>{length},}  {speed:<19}  {row['state']}")
        for line in (f"good for {row['good_for']}", *_parameters(row)):
            print(textwrap.fill(line, _WIDTH, initial_indent=" " * (name + 2), subsequent_indent=" " * (name + 4)))
    print("\nOther words for them: " + ", ".join(f"{word} = {text}" for word, text in ALIASES.items()) + ".")
    print("Any other network of keras.applications works too, by its name there.")


def _row(kind: Kind, store: Store) -> dict[str, object]:
    extractor = kind.make()
    missing, rate = extractor.missing(), store.rate(extractor.id)
    return {
        "name": kind.name,
        "title": extractor.title,
        "n_features": extractor.n_features,
        "good_for": extractor.good_for,
        "images_per_second": rate or extractor.rate,
        "measured": rate is not None,
        "state": f"{missing.sentence} {missing.command}" if missing else extractor.note or extractor.tip or "ready",
        "parameters": {parameter.name: parameter.default for parameter in kind.parameters},
    }


def _parameters(row: dict[str, object]) -> list[str]:
    settable = ", ".join(f"{name}={_shown(value)}" for name, value in row["parameters"].items())
    return [f"settable: {settable}"] if settable else []


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if value == "" else str(value)
