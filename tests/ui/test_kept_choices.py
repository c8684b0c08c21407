"""What a project's file says was chosen on the screens: what suits a widget is chosen again, all else is left out."""

import math
from dataclasses import replace

import pytest
import streamlit as st
from fake_extractor import write_images
from listed_projects import forget_everything

from imgcluster.editing.edits import Hide
from imgcluster.editing.history import History
from imgcluster.grouping.methods import MethodOptions
from imgcluster.keeping.projects.project_file import save_project
from imgcluster.keeping.projects.project_groups import choices_of_method
from imgcluster.spaces.options import SpaceOptions
from imgcluster.ui.project.choices import KEPT, LIMITS, fitting_choices
from imgcluster.ui.project.saving import writer_of

pytestmark = pytest.mark.usefixtures("few_clusters")

N_IMAGES = 24
GOOD = {
    "way": "agglomerative",
    "by": "similarity",
    "map_method": "tsne",
    "map_colors": "date",
    "tree_linkage": "average-cosine",
    "assign_noise": True,
    "map_3d": False,
    "landmarks": True,
    "similarity": 60,
    "min_samples": 4,
    "chosen-min_cluster_size": 3,
    "chosen-eps": 0.5,
    "map_n_neighbors": 10,
    "map_min_dist": 0.25,
    "map_perplexity": 20.0,
    "dot_scale": 1.25,
}
HOSTILE = (99.0, -1, 0.0, 1000, True, False, "x", "", None, 1e300, 2**53 - 1, 7.5, 1)


@pytest.fixture
def project(visit, tmp_path, kept, own_cache):
    """The project of a folder that was grouped."""
    write_images(tmp_path / "photos", N_IMAGES)
    forget_everything(visit().group(tmp_path / "photos"))
    writer_of(str(own_cache)).finish()
    return kept.load(kept.list()[0].id)


def opened(visit, kept, project, **facts):
    """Open the screen Groups of a project in whose file other things are said, after a restart of the program."""
    project = replace(project, **facts)
    save_project(kept.directory / project.id / "project.imgcluster", project, private=True)
    st.cache_resource.clear()
    page = visit(c=project.id).settle().go("groups").settle()
    assert page.app.selectbox("way").value and not page.app.error
    return page


def test_the_good_ones_are_taken_as_they_are():
    assert {*GOOD} == {*KEPT}
    assert fitting_choices(GOOD | {"method": "kmeans", "other": 5}) == GOOD


@pytest.mark.parametrize("value", [*HOSTILE, math.nan, math.inf, -math.inf, 10**400], ids=repr)
def test_what_suits_no_widget_is_left_out(value):
    found = fitting_choices(dict.fromkeys(KEPT, value))
    for key, taken in found.items():
        assert type(taken) is type(GOOD[key]) or (taken is None and value is None)
        if key in LIMITS and taken is not None:
            assert LIMITS[key][0] <= taken <= LIMITS[key][1] and taken == value


def test_whole_numbers_become_those_with_a_fraction_and_not_the_other_way_round():
    found = fitting_choices({"map_perplexity": 30, "similarity": 30.0, "dot_scale": True, "assign_noise": 1})
    assert found == {"map_perplexity": 30.0} and type(found["map_perplexity"]) is float


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_a_project_with_choices_that_make_no_sense_opens(visit, kept, project, value):
    page = opened(visit, kept, project, choices=dict.fromkeys(KEPT, value) | {"way": "agglomerative"})
    for screen in ("how_many", "tree", "compare", "groups"):
        assert not page.go(screen).settle().app.error


@pytest.mark.parametrize("end", [0, 1])
@pytest.mark.parametrize("way", ["agglomerative", "hdbscan", "dbscan"])
def test_a_widget_takes_the_ends_of_its_range(visit, kept, project, way, end):
    choices = {key: limits[end] for key, limits in LIMITS.items()}
    page = opened(visit, kept, project, choices=GOOD | choices | {"way": way})
    assert page.app.selectbox("way").value == way
    assert page.app.slider("dot_scale").value == LIMITS["dot_scale"][end]
    if way == "agglomerative":
        assert page.app.slider("similarity").value == LIMITS["similarity"][end]


def test_what_was_chosen_is_chosen_again(visit, kept, project):
    page = opened(visit, kept, project, choices=GOOD)
    assert page.app.selectbox("tree_linkage").value == "average-cosine"
    assert page.app.slider("dot_scale").value == 1.25 and page.app.toggle("landmarks").value
    assert page.app.segmented_control("map_method").value == "tsne"


def test_a_space_of_more_dimensions_than_the_field_offers_is_shown(visit, kept, project):
    page = opened(visit, kept, project, features=project.features, space=SpaceOptions(method="pca", n_dims=500))
    assert page.app.number_input("space_dims").value == 500


def test_groups_hidden_below_more_pictures_than_there_are(visit, kept, project):
    page = opened(visit, kept, project, history=History(edits=(Hide(below=10**9),), n_done=1))
    field = page.app.number_input(f"hide-below-{10**9}")
    assert (field.min, field.max, field.value) == (1, N_IMAGES, N_IMAGES)


@pytest.mark.parametrize(
    ("options", "way"),
    [
        (MethodOptions(method="hdbscan", min_cluster_size=7), {"way": "hdbscan", "chosen-min_cluster_size": 7}),
        (
            MethodOptions(method="dbscan", eps=0.5, min_samples=4),
            {"way": "dbscan", "chosen-eps": 0.5, "min_samples": 4},
        ),
        (
            MethodOptions(method="agglomerative", linkage="average", metric="cosine"),
            {"way": "agglomerative", "tree_linkage": "average-cosine"},
        ),
        (MethodOptions(), {"way": "kmeans"}),
    ],
)
def test_what_a_command_chose_is_chosen_on_the_screens(options, way):
    assert way.items() <= fitting_choices(choices_of_method(options)).items()
    elsewhere = {"way": "spherical"}  # somebody chose it on a screen since
    assert fitting_choices({**choices_of_method(options), **elsewhere})["way"] == "spherical"
