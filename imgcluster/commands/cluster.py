"""``python -m imgcluster cluster``: the groups of a folder, in sentences, as JSON or as a CSV file."""

import argparse
import threading

from imgcluster.choosing.wording import sentence
from imgcluster.commands.keeping_projects import write_project
from imgcluster.commands.likeness import feature_options
from imgcluster.commands.output import (
    ProgressBars,
    print_json,
    print_notes,
    recommendation_as_dict,
    skipped_as_dicts,
)
from imgcluster.commands.ways import asked_backend, asked_number, method_options, space_options
from imgcluster.errors import ParameterError
from imgcluster.grouping.density import noise_advice
from imgcluster.keeping.export import cluster_number
from imgcluster.pictures.home import expanded
from imgcluster.pipeline import cluster_images, open_collection
from imgcluster.results import ImageClusters
from imgcluster.wording import counted

__all__ = ["run"]


def run(options: argparse.Namespace, cancel: threading.Event) -> None:
    """Group the pictures and say what came out.

    Raises
    ------
    ImgClusterError
    """
    n_clusters, method, features = asked_number(options.k), method_options(options), feature_options(options)
    space, backend = space_options(options, features), asked_backend(options)
    if options.model and features.names_a_file:
        raise ParameterError(
            f"No model can be kept of pictures that are compared by a file of yours ({features.text}): nothing could "
            "look at a new picture without it.",
            hint="Leave --model out, or choose an extractor that comes with the program.",
        )
    if options.project and features.names_a_file:
        raise ParameterError(
            f"No project can be sent of pictures that are compared by a file of yours ({features.text}).",
            hint="Leave --project out, or choose an extractor that comes with the program.",
        )
    model, project = (expanded(path) if path else None for path in (options.model, options.project))
    collection = open_collection(options.sample or options.folder, sample=bool(options.sample), remote=True)
    with ProgressBars() as report:
        result = cluster_images(
            collection,
            n_clusters=n_clusters,
            method=method,
            space=space,
            extractor=features,
            progress=report,
            cancel=cancel,
            backend=backend,
        )
    print_notes(result.notes)
    if options.out:
        result.to_csv(options.out)
    if model:
        result.save_model(model)
    if project:
        with ProgressBars() as report:
            is_sample = bool(options.sample)
            write_project(project, result, is_sample=is_sample, progress=report, cancel=cancel)
    if options.json:
        print_json(_as_dict(result))
    else:
        print(_as_text(result, options.out, (options.model, options.project)))


def _as_text(result: ImageClusters, out: str | None, others: tuple[str | None, ...]) -> str:
    collection, summary, n_clusters = result.collection, result.summary, result.clustering.n_clusters
    lines = []
    if result.recommendation is not None:
        lines.append(sentence(result.recommendation))
        if result.recommendation.k is None and n_clusters > 1:
            lines.append("The pictures were put into groups all the same; --k asks for another number of them.")
    lines.append(f"{counted(len(collection), 'picture')} in {counted(n_clusters, 'group')}:")
    lines += [
        f"  group {cluster_number(label):>3}  {size:>7,}  such as {collection.paths[medoid]}"
        for label, (size, medoid) in enumerate(zip(summary.sizes, summary.medoids, strict=True))
    ]
    n_noise = result.clustering.n_noise
    if n_noise:
        lines.append(f"  no group   {n_noise:>7,}  unlike all groups")
    if advice := noise_advice(result.clustering.labels, result.clustering.parameters):
        lines.append(advice)
    if collection.skipped:
        lines.append(f"{counted(len(collection.skipped), 'file')} could not be used:")
        shown = collection.skipped if out is None else collection.skipped[:10]
        lines += [f"  {image.path}: {image.reason}" for image in shown]
        if len(shown) < len(collection.skipped):
            lines.append(f"  ... and {len(collection.skipped) - len(shown):,} more in skipped.csv")
    lines += [f"Written to {path}." for path in (out, *others) if path]
    return "\n".join(lines)


def _as_dict(result: ImageClusters) -> dict[str, object]:
    paths, summary, recommendation = result.collection.paths, result.summary, result.recommendation
    return {
        "n_images": len(paths),
        "n_clusters": result.clustering.n_clusters,
        "method": result.clustering.method,
        "parameters": dict(result.clustering.parameters),
        "sentence": sentence(recommendation) if recommendation is not None else None,
        "recommendation": recommendation_as_dict(recommendation),
        "silhouette": round(float(result.silhouettes.values.mean()), 4),
        "clusters": [
            {"cluster": cluster_number(label), "size": int(size), "medoid": paths[medoid]}
            for label, (size, medoid) in enumerate(zip(summary.sizes, summary.medoids, strict=True))
        ],
        "images": [
            {"path": path, "cluster": cluster_number(label)}
            for path, label in zip(paths, result.clustering.labels, strict=True)
        ],
        "skipped": skipped_as_dicts(result.collection),
        "notes": list(result.notes),
    }
