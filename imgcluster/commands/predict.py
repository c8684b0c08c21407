"""``python -m imgcluster predict``: in which group of a model new pictures belong, and which in none of them."""

import argparse
import threading

from imgcluster.commands.output import ProgressBars, print_json, print_notes, skipped_as_dicts
from imgcluster.keeping.export import prediction_table
from imgcluster.pictures.home import expanded
from imgcluster.pipeline import predict_images
from imgcluster.predicting.predict import DEFAULT_QUANTILE
from imgcluster.results import ImagePredictions
from imgcluster.wording import counted

__all__ = ["add_predict", "run"]

_LEAST_SHOWN = 0.005  # less than that is 0 %


def add_predict(parser: argparse.ArgumentParser) -> None:
    """Add the model, the new pictures, and how far out one may lie."""
    parser.add_argument(
        "pictures", nargs="+", metavar="PICTURES", help="files of pictures; or one folder, or one ZIP file"
    )
    parser.add_argument(
        "--model", required=True, metavar="FILE.imgcluster", help="what the command cluster wrote with --model"
    )
    parser.add_argument(
        "--quantile",
        type=float,
        default=DEFAULT_QUANTILE,
        metavar="Q",
        help="a picture is none of these when it is farther out than this part of the model's own pictures: with a "
        "smaller one, more are (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        metavar="FILE.csv",
        help="write one line for each picture: path, group, cluster, probability, none_of_these, runner_up, "
        "runner_up_probability, novelty, threshold, nearest, nearest_distance",
    )


def run(options: argparse.Namespace, cancel: threading.Event) -> None:
    """Look at the new pictures, and say where each belongs.

    Raises
    ------
    ImgClusterError
    """
    source = options.pictures if len(options.pictures) > 1 else options.pictures[0]
    with ProgressBars() as report:
        found = predict_images(
            expanded(options.model), source, quantile=options.quantile, progress=report, cancel=cancel
        )
    print_notes(found.notes)
    if options.out:
        found.to_csv(options.out)
    header, rows = prediction_table(found.collection.paths, found.model, found.prediction)
    answers = [dict(zip(header, row, strict=True)) for row in rows]
    if options.json:
        print_json(_as_dict(found, answers))
    else:
        print(_as_text(found, answers, options.out))


def _as_text(found: ImagePredictions, answers: list[dict[str, object]], out: str | None) -> str:
    collection, n_none = found.collection, int(found.prediction.is_none.sum())
    lines = [
        f"{counted(len(collection), 'picture')} and the {counted(found.model.n_clusters, 'group')} of "
        f"{found.model.name}; {n_none:,} belong{'s' if n_none == 1 else ''} to none of these:"
    ]
    width = max(len(path) for path in collection.paths)
    lines += [f"  {answer['path']:<{width}}  {_sentence(answer)}" for answer in answers]
    if collection.skipped:
        lines.append(f"{counted(len(collection.skipped), 'file')} could not be used:")
        lines += [f"  {image.path}: {image.reason}" for image in collection.skipped]
    if out:
        lines.append(f"Written to {out}.")
    return "\n".join(lines)


def _sentence(answer: dict[str, object]) -> str:
    nearest = f"most like {answer['nearest']}"
    group = answer["group"] or "no group"
    if answer["none_of_these"]:
        return f"none of these; the nearest would be {group}, {nearest}"
    other = ""
    if answer["runner_up_probability"] >= _LEAST_SHOWN:
        other = f", else {answer['runner_up'] or 'no group'} ({_percent(answer['runner_up_probability'])})"
    return f"{group} ({_percent(answer['probability'])}){other}, {nearest}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _as_dict(found: ImagePredictions, answers: list[dict[str, object]]) -> dict[str, object]:
    model = found.model
    return {
        "model": model.name,
        "n_images": len(answers),
        "n_clusters": model.n_clusters,
        "n_none_of_these": int(found.prediction.is_none.sum()),
        "groups": list(model.names),
        "images": [
            {**answer, "group": answer["group"] or None, "runner_up": answer["runner_up"] or None} for answer in answers
        ],
        "skipped": skipped_as_dicts(found.collection),
        "notes": list(found.notes),
    }
