"""The groups for this program: a project to open elsewhere, a model that sorts new pictures, and a Python script."""

import threading
from dataclasses import replace
from pathlib import Path

import streamlit as st

from imgcluster.cache import Workspace
from imgcluster.extractors.networks.conv_autoencoder import Learned
from imgcluster.features.options import FeatureOptions
from imgcluster.keeping.models.model_file import MODEL_SUFFIX, save_model
from imgcluster.keeping.projects.project_file import PROJECT_SUFFIX, parts_of, save_project
from imgcluster.keeping.projects.project_groups import choices_of_method
from imgcluster.keeping.script import python_script
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.stages.predicting import learned_of
from imgcluster.ui.export.final import Taken, file_stem
from imgcluster.ui.export.places import map_to_draw
from imgcluster.ui.export.prepared import Offer, offer_file
from imgcluster.ui.find.model import fitted_model
from imgcluster.ui.groups.data import thumbnail_loader
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import library, matched
from imgcluster.ui.project.source import Source
from imgcluster.ui.state import chosen_features, chosen_space

__all__ = ["offer_model", "offer_project", "offer_script"]

_AT_ONCE = 100  # thumbnails
_LINES = 300  # of a script on the screen


def offer_project(source: Source, grouping: Grouping, taken: Taken) -> None:
    """Offer the project as a file for somebody else, without the pictures."""
    features = chosen_features()
    if features.names_a_file:
        st.caption("Pictures that are compared by a file of yours have no project to send: that file would be missing.")
        return
    st.caption(
        "To open in this program on another computer: groups, names, map and history. The pictures themselves and "
        "their place are not in it; where the same pictures are, they are found again."
    )
    with_thumbnails = st.toggle(
        "With thumbnails",
        value=True,
        key="export-thumbnails",
        persist_state="session",
        help="Then the pictures can be seen small, also where they are not. Without, the file is half as large.",
    )
    workspace, load = workspace_of(source), thumbnail_loader(source, grouping)
    map_key, draw = map_to_draw(source, grouping)
    hashes, project = grouping.features.hashes, matched(source, grouping)
    choices = project.choices
    if taken.found.options is not None:
        choices = {**choices, **choices_of_method(taken.found.options)}
    project = replace(
        project,
        features=features.text,
        space=chosen_space(),
        n_clusters=taken.found.n_clusters,
        choices=choices,
        skipped=grouping.collection.skipped,
    )

    def write(path: Path, progress: ProgressCallback, cancel: threading.Event) -> None:
        places = draw(progress, cancel)
        progress(Progress(stage="Writing the project", done=0, total=0))
        thumbnails = None
        if with_thumbnails:
            thumbnails = {}
            for begin in range(0, len(hashes), _AT_ONCE):
                indices = range(begin, min(begin + _AT_ONCE, len(hashes)))
                found = zip(indices, load(indices), strict=True)
                thumbnails |= {hashes[index]: data for index, data in found if data is not None}
        save_project(
            path,
            project,
            parts=parts_of(
                grouping.features, grouping.space, grouping.series, images=grouping.collection.images, places=places
            ),
            thumbnails=thumbnails,
            learned=_learned(source, grouping, features, workspace),
            private=False,
        )

    offer = Offer(
        kind="project",
        content=(taken.key, map_key, features.text, project.name, str(project.choices), str(with_thumbnails)),
        name=f"{file_stem(project.name)}{PROJECT_SUFFIX}",
        mime="application/octet-stream",
        button="Make the project file",
        icon=":material/inventory_2:",
        help="A file for somebody else, or for another computer of yours.",
        write=write,
    )
    offer_file(source, offer)


def _learned(source: Source, grouping: Grouping, features: FeatureOptions, workspace: Workspace) -> Learned | None:
    """Return what an autoencoder had learned; of a project that was itself sent, what came with it."""
    if source.kind != "file":
        return learned_of(grouping.features, features, workspace=workspace)
    sent = library().load_sent(source.id)
    return None if sent is None else sent.learned


def offer_model(source: Source, grouping: Grouping, partition: Partition, taken: Taken) -> None:
    """Offer the groups as a file that sorts new pictures without this app."""
    features = chosen_features()
    if features.vectors:
        st.caption("Vectors that were made elsewhere have no model: new pictures have none.")
        return
    st.caption(
        "It knows these groups and says where new pictures belong, without the pictures themselves: "
        "`python -m imgcluster predict --model FILE FOLDER`."
    )
    workspace, final = workspace_of(source), taken.final
    names = [final.title(label) for label in range(final.groups.n_groups)]

    def write(path: Path, progress: ProgressCallback, cancel: threading.Event) -> None:
        progress(Progress(stage="Learning what the groups are like", done=0, total=0))
        model = fitted_model(grouping, partition, features, name=final.name, names=names, workspace=workspace)
        save_model(path, model)

    offer = Offer(
        kind="model",
        content=(taken.key, features.text),
        name=f"{file_stem(final.name)} model{MODEL_SUFFIX}",
        mime="application/octet-stream",
        button="Make the model",
        icon=":material/model_training:",
        help="For the command line and for Python.",
        write=write,
    )
    offer_file(source, offer)


def offer_script(source: Source, taken: Taken) -> None:
    """Offer a Python script that makes the groups again."""
    if taken.found.options is None:
        st.caption("These groups were not found by a method alone, so no script makes them again.")
        return
    is_sample, name = source.kind == "sample", f"{file_stem(taken.final.name)}.py"
    where = source.location if source.kind in ("sample", "folder") else "photos"
    script = python_script(taken.final, source=where, is_sample=is_sample)
    lines = script.splitlines()
    st.download_button(
        "Python script",
        script.encode("utf-8", "backslashreplace"),
        file_name=name,
        mime="text/x-python",
        key="export-script",
        icon=":material/code:",
        on_click="ignore",
        help="Makes the groups again with this library, with the changes by hand.",
    )
    with st.expander("Look at the script"):
        st.code("\n".join(lines[:_LINES]), language="python")
        if len(lines) > _LINES:
            st.caption(f"and {count(len(lines) - _LINES, 'line')} more in the file")
