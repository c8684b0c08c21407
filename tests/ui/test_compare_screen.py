"""The screen Compare: two methods, and the user's own folders against the groups."""

import pytest
from fake_extractor import write_images

pytestmark = pytest.mark.usefixtures("few_clusters")

WAYS = ["kmeans", "spherical", "ward", "average", "hdbscan", "dbscan"]


@pytest.fixture
def compare(visit, photos):
    return visit().group(photos).go("compare").settle()


def choose(page, first, second):
    page.app.selectbox("compare-first").set_value(first)
    page.app.selectbox("compare-second").set_value(second)
    return page.run().settle()


def test_without_pictures_it_says_what_to_do(visit):
    assert visit().go("compare").app.info[0].proto.title == "No pictures yet"


def test_first_sight(compare):
    assert not compare.app.error
    assert compare.title.endswith("% alike")
    assert [metric.label for metric in compare.app.metric] == ["Adjusted Rand index", "Normalised mutual information"]
    assert len(compare.app.get("plotly_chart")) == 1


def test_the_same_twice_is_all_alike(compare):
    page = choose(compare, "kmeans", "kmeans")
    assert page.title == "100 % alike"
    assert "No picture changed" in [header.value for header in page.app.header]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_can_be_compared(compare, way):
    page = choose(compare, way, "kmeans")
    assert not page.app.error and not page.app.warning and page.title is not None


def test_without_sub_folders_there_are_no_folders_to_compare(compare):
    assert "Your folders" not in compare.app.selectbox("compare-first").options


def test_folders_are_offered_first(visit, tmp_path):
    write_images(tmp_path / "trip" / "sea", 20)
    write_images(tmp_path / "trip" / "hills", 20)
    page = visit().group(tmp_path / "trip").go("compare").settle()
    assert page.app.selectbox("compare-first").value == "folders"
    assert page.title.endswith("% alike")


@pytest.mark.parametrize("n_images", [1, 2, 3])
def test_very_few_pictures(visit, tmp_path, n_images):
    write_images(tmp_path / "few", n_images)
    page = visit().group(tmp_path / "few").go("compare").settle()
    assert not page.app.error and page.title is not None
