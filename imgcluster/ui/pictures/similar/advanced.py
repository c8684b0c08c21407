"""Everything that can be set about what counts as similar."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from imgcluster.errors import ImgClusterError, ParameterError
from imgcluster.extractors.extractor import Kind, Parameter, Value
from imgcluster.extractors.preprocessing import FITS, Preprocessing
from imgcluster.extractors.registry import available_kinds, get_extractor, kind_named
from imgcluster.features.options import FeatureOptions, FeaturePart
from imgcluster.pictures.home import expanded
from imgcluster.ui.access import hosted
from imgcluster.ui.messages import plain, show_error
from imgcluster.ui.pictures.similar.combine import weight_sliders
from imgcluster.ui.project.source import Source

__all__ = ["advanced_features", "command_line"]

_MOST = 3
_FITS = {"stretch": "Stretch", "crop": "Crop", "pad": "Fit"}
_FROM_HERE, _FROM_ELSEWHERE = "Extractors", "A file with vectors"


def advanced_features(chosen: FeatureOptions, *, disabled: bool) -> FeatureOptions | None:
    """Show every control, beginning with what is chosen; return what they say, None where it makes no sense.

    What is wrong is shown.
    """
    origin = _FROM_HERE
    if not hosted():
        origin = st.segmented_control(
            "Where the vectors come from",
            [_FROM_HERE, _FROM_ELSEWHERE],
            default=_FROM_ELSEWHERE if chosen.vectors else _FROM_HERE,
            required=True,
            key="similar-origin",
            label_visibility="collapsed",
            disabled=disabled,
        )
    try:
        if origin == _FROM_ELSEWHERE:
            return _from_elsewhere(chosen, disabled=disabled)
        return _from_extractors(chosen, disabled=disabled)
    except ImgClusterError as error:
        show_error(error)
        return None


def command_line(source: Source, features: FeatureOptions) -> str:
    """Return what does the same without the screen; hosted, no place on the server is named in it."""
    if source.kind == "sample":
        place = f"--sample {source.location}"
    else:
        place = shlex.quote(source.location) if source.kind == "folder" and not hosted() else "FOLDER"
    return f"python -m imgcluster cluster {place} --extractor {shlex.quote(features.text)}"


def _from_elsewhere(chosen: FeatureOptions, *, disabled: bool) -> FeatureOptions | None:
    typed = st.text_input(
        "File with one row per picture",
        value=chosen.vectors,
        key="similar-vectors",
        placeholder=str(Path.home() / "vectors.npy"),
        help="NumPy (.npy, .npz), CSV or Parquet. What is in it takes the place of the extractors.",
        disabled=disabled,
    )
    typed = typed.strip().strip("\"'")
    if not typed:
        return None
    path = expanded(typed).absolute()
    if not path.is_file():
        raise ParameterError(f"{path} is no file.", hint="Type the place of a .npy, .npz, CSV or Parquet file.")
    return FeatureOptions(vectors=str(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    """What was chosen in one column, not checked yet."""

    name: str
    parameters: Mapping[str, Value]


def _from_extractors(chosen: FeatureOptions, *, disabled: bool) -> FeatureOptions:
    parts = () if chosen.vectors else chosen.parts
    most = max(_MOST, len(parts))
    slots = []
    for at, place in enumerate(st.columns(most, gap="medium")):
        with place:
            slot = _slot(at, parts[at] if at < len(parts) else None, disabled=disabled)
        if slot is None:
            break
        slots.append(slot)
    preprocessing = _preprocessing_controls(chosen.preprocessing, disabled=disabled)
    before = [part.weight for part in parts] + [1.0] * most
    checked = tuple(
        FeaturePart(name=slot.name, parameters=tuple(slot.parameters.items()), weight=weight)
        for slot, weight in zip(slots, before, strict=False)
    )
    features = FeatureOptions(parts=checked, preprocessing=Preprocessing(**preprocessing))
    features.extractors()  # made now: what they cannot be made with is said here
    if len(checked) > 1 and not disabled:
        features = replace(features, parts=weight_sliders(checked, key="similar-weight"))
    return features


def _slot(at: int, part: FeaturePart | None, *, disabled: bool) -> _Slot | None:
    kinds = [kind.name for kind in available_kinds()]
    if part is not None and part.name not in kinds:
        kinds.append(part.name)  # an address may name one that is not on the list
    options = kinds if at == 0 else [None, *kinds]
    before = part.name if part is not None else options[0]
    labels = _labels(kinds)
    name = st.selectbox(
        "Extractor" if at == 0 else "Combined with",
        options,
        index=options.index(before),
        format_func=labels.get,
        key=f"similar-extractor-{at}",
        disabled=disabled,
    )
    if name is None:
        return None
    kind = kind_named(name)
    st.caption(f"Good for {plain(get_extractor(name).good_for)}.")
    given = dict(part.parameters) if part is not None and part.name == name else {}
    return _Slot(name=name, parameters=_parameter_controls(at, kind, given, disabled=disabled))


def _labels(names: Sequence[str]) -> dict[str | None, str]:
    """Return a text for each extractor. No two are the same: by its text Streamlit knows what was chosen."""
    extractors = {name: get_extractor(name) for name in names}
    titles = [extractor.title for extractor in extractors.values()]
    labels: dict[str | None, str] = {None: "nothing else"}
    for name, extractor in extractors.items():
        label = extractor.title if titles.count(extractor.title) == 1 else f"{extractor.title}, {name}"
        labels[name] = f"{label} (not installed)" if extractor.missing() else label
    return labels


def _parameter_controls(at: int, kind: Kind, given: Mapping[str, Value], *, disabled: bool) -> dict[str, Value]:
    shown = [each for each in kind.parameters if not (hosted() and each.takes_a_file)]
    values = {}
    for parameter in shown:
        value = given.get(parameter.name, parameter.default)
        key = f"similar-{at}-{kind.name}-{parameter.name}"
        values[parameter.name] = _control(parameter, value, key=key, disabled=disabled)
    return values


def _control(parameter: Parameter, value: Value, *, key: str, disabled: bool) -> Value:
    common = {"label": parameter.title, "key": key, "help": parameter.help, "disabled": disabled}
    if isinstance(parameter.default, bool):
        return st.toggle(**common, value=value)
    if isinstance(parameter.default, int):
        entered = st.number_input(**common, min_value=parameter.low, max_value=parameter.high, value=value, step=1)
        return parameter.default if entered is None else entered
    if isinstance(parameter.default, float):
        entered = st.number_input(
            **common, min_value=_as_float(parameter.low), max_value=_as_float(parameter.high), value=value, format="%g"
        )
        return parameter.default if entered is None else entered
    if parameter.choices:
        return st.selectbox(**common, options=parameter.choices, index=parameter.choices.index(value))
    return st.text_input(**common, value=value).strip().strip("\"'")


def _as_float(bound: float | None) -> float | None:
    return None if bound is None else float(bound)


def _preprocessing_controls(chosen: Preprocessing, *, disabled: bool) -> Mapping[str, bool | str | int | None]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        fit = st.segmented_control(
            "Into a square by",
            FITS,
            format_func=_FITS.get,
            default=chosen.fit,
            required=True,
            key="similar-fit",
            help="Extractors look at a square. Stretch: everything is seen, but distorted. Crop: the middle alone. "
            "Fit: everything, with white beside it.",
            disabled=disabled,
        )
        size = st.number_input(
            "Size in pixels",
            8,
            1024,
            value=chosen.size or None,
            step=8,
            placeholder="auto",
            key="similar-size",
            width=160,
            help="Empty: what suits the extractor. A small size blurs the details away.",
            disabled=disabled,
        )
        grayscale = st.toggle(
            "Greyscale",
            value=chosen.grayscale,
            key="similar-grayscale",
            help="Colours do not count.",
            disabled=disabled,
        )
        invert = st.toggle(
            "Invert",
            value=chosen.invert,
            key="similar-invert",
            help="Dark becomes light, for drawings that are white on black.",
            disabled=disabled,
        )
    return {"fit": fit, "size": size or 0, "grayscale": grayscale, "invert": invert}
