"""The screen Groups with every method, and in other spaces."""

import pytest
from fake_extractor import write_images

from imgcluster.grouping.methods import METHODS
from imgcluster.ui.register import jobs

pytestmark = pytest.mark.usefixtures("few_clusters")


@pytest.fixture
def groups(visit, photos):
    return visit().group(photos)


def choose(page, way):
    page.app.selectbox("way").set_value(way)
    return page.run().settle()


def latest_clustering():
    return [job.result for key, job in jobs()._jobs.items() if "/clustering/" in key][-1]


@pytest.mark.parametrize("way", [method.name for method in METHODS])
def test_every_method_shows_groups(groups, way):
    page = choose(groups, way)
    assert not page.app.error
    assert page.app.selectbox("way").value == way


def test_it_begins_with_kmeans_and_stays_with_what_was_chosen(groups):
    assert groups.app.selectbox("way").value == "kmeans"
    page = choose(groups, "hdbscan").go("pictures").go("groups").settle()
    assert page.app.selectbox("way").value == "hdbscan"


@pytest.mark.parametrize("way", ["spherical", "agglomerative"])
def test_methods_that_are_told_a_number_follow_the_slider(groups, way):
    page = choose(groups, way)
    page.app.slider("n_clusters").set_value(3)
    page.run()
    assert page.app.slider("n_clusters").value == 3
    assert page.address["k"] == "3"


def test_similarity_steers_the_tree_from_one_group_to_the_most(groups):
    page = choose(groups, "agglomerative")
    page.app.segmented_control("by").set_value("similarity")
    page.run()
    numbers = []
    for similarity in (0, 30, 60, 100):
        page.app.slider("similarity").set_value(similarity)
        page.run()
        numbers.append(int(page.address["k"]))
    assert numbers == sorted(numbers) and numbers[0] == 1 and numbers[-1] == 12


def test_the_smallest_group_is_auto_until_it_is_moved_and_can_be_auto_again(groups):
    page = choose(groups, "hdbscan")
    slider = page.app.slider("min_cluster_size")
    auto = slider.value
    assert slider.label.endswith("auto")
    slider.set_value(auto + 3)
    page.run().settle()
    assert page.app.slider("min_cluster_size").label == "Smallest group"
    page.click("auto")
    assert page.app.slider("min_cluster_size").value == auto
    assert page.app.slider("min_cluster_size").label.endswith("auto")


def test_the_distance_is_auto_until_it_is_moved(groups):
    page = choose(groups, "dbscan")
    slider = page.app.slider("eps")
    assert slider.label.endswith("auto")
    slider.set_value(slider.max)
    page.run().settle()
    assert page.app.slider("eps").label == "Distance"
    assert not page.app.error


def test_noise_has_its_own_shelf_and_can_be_put_into_groups(groups):
    page = choose(groups, "dbscan")
    page.app.slider("eps").set_value(page.app.slider("eps").min)
    page.run().settle()
    noise = (latest_clustering().labels < 0).sum()
    assert noise > 0
    page.happen("strips", "clicked", {"cluster": -1})
    assert "No group" in page.text and f"{noise} pictures" in page.text
    page.app.toggle("assign_noise").set_value(True)
    page.run().settle()
    assert page.app.toggle("assign_noise").value


def test_everything_noise_says_what_to_do(groups):
    page = choose(groups, "dbscan")
    page.app.number_input("min_samples").set_value(150)
    page.app.slider("eps").set_value(page.app.slider("eps").min)
    page.run().settle()
    assert any("eps" in info.value or "distance" in info.value for info in page.app.info)


@pytest.mark.parametrize("linkage", ["average-euclidean", "single-cosine"])
def test_another_linkage_is_another_tree(groups, linkage):
    page = choose(groups, "agglomerative")
    page.app.selectbox("tree_linkage").set_value(linkage)
    page.run().settle()
    assert not page.app.error
    assert any(f"/tree/{linkage}/" in key for key in jobs()._jobs)


def test_another_space_is_used_and_the_usual_one_is_there_at_once(groups, network):
    seen = network.seen
    groups.app.selectbox("space_method").set_value("pca")
    groups.run().click("Use this space").settle()
    groups.run()
    assert "directions hold" in groups.text
    assert network.seen == seen
    groups.app.selectbox("space_method").set_value("diffusion")
    groups.run().click("Use this space")
    assert "directions hold" not in groups.text and groups.app.slider("n_clusters")


def test_the_space_in_use_need_not_be_chosen_again(groups):
    button = next(button for button in groups.app.button if button.key == "use-space")
    assert button.disabled


def test_what_was_chosen_for_many_pictures_does_no_harm_to_few(groups, tmp_path):
    page = choose(groups, "dbscan")
    page.app.number_input("min_samples").set_value(140)
    page.app.slider("eps").set_value(page.app.slider("eps").max)
    page.run().settle()
    page.go("compare").settle()
    page.app.number_input("compare-second-k").set_value(12)
    page.run().settle()
    page.go("tree").settle()
    page.app.segmented_control("cut_by").set_value("height")
    page.run()
    write_images(tmp_path / "few", 3, seed=5)
    page.go("pictures").group(tmp_path / "few")
    for screen in ("tree", "compare", "groups"):
        assert not page.go(screen).settle().app.error and not page.app.warning
    assert page.app.selectbox("way").value == "kmeans"  # each folder is grouped in its own way
    assert choose(page, "dbscan").app.number_input("min_samples").value is None
