"""The question on the screen Pictures, "What should count as similar?", and what follows from the answer."""

import streamlit as st

from imgcluster.extractors.extractor import Missing
from imgcluster.faces.detecting import faces_missing
from imgcluster.features.options import FeatureOptions
from imgcluster.jobs import JobState
from imgcluster.pictures.collection import Collection
from imgcluster.ui.faces import show_faces_offer
from imgcluster.ui.messages import duration, plain, public, show_error
from imgcluster.ui.pictures.similar.advanced import advanced_features, command_line
from imgcluster.ui.pictures.similar.goals import ELSE, FACES, Goal, goal_of, offered_goals
from imgcluster.ui.pictures.similar.timing import ask_for_time, measured_job, show_time, time_of
from imgcluster.ui.project.source import Source
from imgcluster.ui.state import choose_features, chosen_features

__all__ = ["choose_similar", "missing_of"]

# `imgcluster.ui.state.open_source` takes it back.
_GOAL = "similar_goal"


def choose_similar(source: Source, found: Collection, *, disabled: bool) -> bool:
    """Ask what should count as similar; return whether the pictures can be grouped by the answer.

    Parameters
    ----------
    source : Source
    found : Collection
        Not empty.
    disabled : bool
        While the pictures are looked at, the answer stays.
    """
    goals, features = offered_goals(), chosen_features()
    if source.kind == "faces":
        del goals[FACES]
    shown = st.session_state.get(_GOAL)
    if shown not in goals or (goals[shown].ways and features not in goals[shown].ways.values()):
        st.session_state[_GOAL] = goal_of(features)
    name = st.pills(
        "What should count as similar?",
        list(goals),
        format_func=lambda name: _label(goals[name]),
        required=True,
        key=_GOAL,
        on_change=_choose_goal,
        disabled=disabled,
    )
    goal = goals[name]
    if goal.name == FACES:
        st.markdown(goal.example)
        show_faces_offer(source, found)
        return False
    if goal.name != ELSE:
        _explain(source, found, goal, features)
        if len(goal.ways) > 1:
            _choose_way(source, found, goal, features, disabled=disabled)
    else:
        with st.container(border=True):
            wanted = advanced_features(features, disabled=disabled)
        if wanted is None:
            return False
        if wanted != features:
            features = wanted
            choose_features(features)
            ask_for_time(features)
        _explain(source, found, goal, features)
        st.code(command_line(source, features), language="bash", wrap_lines=True)
    if missing := missing_of(features):
        _show_missing(missing)
        return False
    for note in filter(None, (extractor.note for extractor in features.extractors())):
        st.caption(f":material/info: {plain(note)}")
    for tip in dict.fromkeys(extractor.tip for extractor in features.extractors() if extractor.tip):
        st.caption(f":material/bolt: {plain(public(tip))}")
    measured = measured_job(source, found, features)
    if measured is not None and measured.state is JobState.FAILED:
        show_error(measured.error)
    return True


def _explain(source: Source, found: Collection, goal: Goal, features: FeatureOptions) -> None:
    """Say in one line what comes together, by which extractor, in which time."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if goal.name != ELSE:
            st.markdown(goal.example, width="content")
        title = plain(features.title)
        if missing_of(features):
            st.caption(title, width="content")
        else:
            show_time(source, found, features, title=title)


def missing_of(features: FeatureOptions) -> Missing | None:
    """Return what this computer lacks for features, None where nothing is."""
    if features.vectors:
        return None
    return next((lack for each in features.extractors() if (lack := each.missing())), None)


def _label(goal: Goal) -> str:
    usable = not goal.ways or any(missing_of(features) is None for features in goal.ways.values())
    if goal.name == FACES:
        usable = faces_missing() is None
    return f"{goal.icon} {goal.title}" if usable else f":gray[{goal.icon} {goal.title}]"


def _choose_goal() -> None:
    ways = list(offered_goals()[st.session_state[_GOAL]].ways.values())
    if ways:
        _choose(ways[0])


def _choose_way(source: Source, found: Collection, goal: Goal, chosen: FeatureOptions, *, disabled: bool) -> None:
    def label(title: str) -> str:
        features = goal.ways[title]
        if missing_of(features):
            return f":gray[{title}]"
        estimate = time_of(source, found, features)
        return f"{title} :gray[{duration(estimate.seconds).removeprefix('about ')}]" if estimate else title

    labels = {title: label(title) for title in goal.ways}
    key = f"similar-way-{goal.name}"
    st.session_state[key] = next(title for title, features in goal.ways.items() if features == chosen)
    st.segmented_control(
        "How well?",
        list(goal.ways),
        format_func=labels.get,
        required=True,
        key=key,
        on_change=lambda: _choose(goal.ways[st.session_state[key]]),
        label_visibility="collapsed",
        disabled=disabled,
    )


def _choose(features: FeatureOptions) -> None:
    choose_features(features)
    ask_for_time(features)


def _show_missing(missing: Missing) -> None:
    st.info("This brings it:", title=plain(public(missing.sentence)), icon=":material/extension_off:")
    st.code(public(missing.command), language=None, wrap_lines=True)
