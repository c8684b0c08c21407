"""What should count as similar: every goal, everything that can be set, and the way there and back."""

import pytest
from fake_extractor import FakeExtractor, write_images

from imgcluster.extractors import registry
from imgcluster.extractors.extractor import Kind, Missing, Parameter
from imgcluster.ui.register import jobs

pytestmark = pytest.mark.usefixtures("few_clusters")

N_IMAGES = 150  # as in conftest.py
GOALS = {
    "shapes": "hog",
    "drawings": "pixels",
    "colours": "colour",
    "textures": "texture",
    "copies": "phash",
}


class Other(FakeExtractor):
    """Another stand-in, whose vectors are its own."""

    def __init__(self, name, *, cell=8, weights=""):
        super().__init__()
        self.name, self.title = name, name.capitalize()
        self.id = f"{name}-1-{cell}-{weights}"
        self.lack = None
        self.rate = 20.0
        self.factor = 1 + len(name) + cell

    def missing(self):
        return self.lack

    def __call__(self, batch):
        return (super().__call__(batch) * self.factor) % 251


@pytest.fixture(autouse=True)
def others(monkeypatch):
    """Give the stand-ins for all extractors of the goals, each with its settings."""
    made = {}

    def kind(name):
        def make(**settings):
            return made.setdefault((name, *settings.items()), Other(name, **settings))

        cell = Parameter(name="cell", title="Cell", help="Pixels.", default=8, low=2, high=64)
        weights = Parameter(name="weights", title="Weights", help="A file.", default="")
        return Kind(name=name, make=make, parameters=(cell, weights), space="pca" if name == "phash" else "diffusion")

    for name in ("efficientnet_lite2", *GOALS.values()):
        monkeypatch.setitem(registry._KINDS, name, kind(name))
        registry.get_extractor(name)
    return {name[0]: extractor for name, extractor in made.items() if len(name) == 1}


def choose(page, goal):
    page.app.pills("similar_goal").set_value(goal)
    return page.run()


def links(page):
    return [link.label for link in page.app.page_link]


def lasting_jobs():
    """What was worked out; names that were looked for are taken from their jobs, which are dropped."""
    return {key for key in jobs()._jobs if "/names/" not in key}


def start(page):
    page.click("Start").settle()
    return page if page.screen == "groups" else page.go("groups").settle()


def test_at_first_the_usual_answer_is_chosen_and_no_picture_is_looked_at(visit, photos, network, others):
    page = visit().type_path(photos)
    assert page.app.pills("similar_goal").value == "things"
    assert "Dogs with dogs, cars with cars" in page.text and "Fake" in page.text
    assert "estimated" in page.app.metric[2].proto.help
    assert "Start" in page.labels and page.address.keys() == {"c", "k"}
    assert network.seen == 0 and not any(other.loads for other in others.values())


@pytest.mark.parametrize(("goal", "extractor"), GOALS.items())
def test_every_goal_says_what_it_uses_and_leads_to_groups(visit, photos, network, others, goal, extractor):
    page = choose(visit().type_path(photos), goal).settle()
    assert extractor.capitalize() in page.text
    assert page.address["x"] == extractor
    assert others[extractor].seen == 32 and "measured on the first 32 pictures" in page.app.metric[2].proto.help
    start(page)
    assert page.screen == "groups" and "150 pictures" in page.text
    assert others[extractor].seen == N_IMAGES and network.seen == 0
    assert page.address["x"] == extractor


def test_quick_and_thorough_have_their_times_beside_them(visit, photos, network, others):
    page = visit().type_path(photos)
    ways = page.app.segmented_control("similar-way-things")
    assert [label.split(" ")[0] for label in ways.options] == ["Quick", "Thorough"]
    assert all("seconds" in label for label in ways.options) and "about 10 seconds, estimated" in page.text
    ways.set_value("Thorough")
    page.run().settle()
    assert page.address["x"] == "efficientnet_lite0+efficientnet_lite2"
    assert network.seen == others["efficientnet_lite2"].seen == 32
    start(page)
    assert network.seen == others["efficientnet_lite2"].seen == N_IMAGES
    page.go("pictures").app.segmented_control("similar-way-things").set_value("Quick")
    page.run()
    assert "x" not in page.address and "Start" in page.labels
    start(page)
    assert network.seen == N_IMAGES


def test_there_and_back_is_instant(visit, photos, network, others):
    page = start(visit().type_path(photos))
    page.go("pictures")
    assert links(page) == ["See the groups"]
    choose(page, "colours").settle()
    assert "Start" in page.labels and links(page) == []
    start(page)
    seen = network.seen, others["colour"].seen
    assert seen == (N_IMAGES, N_IMAGES)
    before = lasting_jobs()
    for goal in ("things", "colours", "things"):
        choose(page.go("pictures"), goal)
        assert links(page) == ["See the groups"] and "Start" not in page.labels
        page.go("groups")
        assert page.app.slider("n_clusters").value == 8
    page.settle()
    assert (network.seen, others["colour"].seen) == seen
    assert lasting_jobs() == before


def test_the_space_follows_what_is_chosen(visit, photos):
    page = start(choose(visit().type_path(photos), "copies").settle())
    assert page.app.session_state["space"].method == "pca"
    choose(page.go("pictures"), "things")
    assert page.app.session_state["space"].method == "diffusion"


def test_other_pictures_begin_with_the_usual_answer(visit, photos, tmp_path):
    page = choose(visit().type_path(photos), "else")
    write_images(tmp_path / "other", 5)
    page.type_path(tmp_path / "other")
    assert page.app.pills("similar_goal").value == "things"
    choose(page, "colours").type_path(photos)
    assert page.app.pills("similar_goal").value == "things" and "x" not in page.address


def test_what_is_missing_says_how_to_get_it(visit, photos, others):
    lack = Missing(sentence="The package hogs is not installed.", command="pip install hogs")
    others["hog"].lack = lack
    page = visit().type_path(photos)
    labels = page.app.pills("similar_goal").options
    assert [label for label in labels if label.startswith(":gray[")] == [
        ":gray[:material/category: Shapes and outlines]"
    ]
    choose(page, "shapes").settle()
    assert "The package hogs is not installed." in page.text
    assert page.app.code[0].value == "pip install hogs"
    assert "Start" not in page.labels and others["hog"].seen == 0
    page.go("groups").settle()
    assert page.app.slider or page.app.error or page.app.info
    choose(page.go("pictures"), "things")
    assert "Start" in page.labels


def test_faces_are_found_first(visit, photos, network):
    page = choose(visit().type_path(photos), "faces")
    assert "The same person" in page.text
    assert "Find the faces" in page.labels and "Start" not in page.labels and "Time" not in page.metrics
    choose(page, "things").click("Start").settle()
    choose(page.go("pictures"), "faces")
    assert links(page) == [] and "Find the faces" in page.labels
    assert network.seen == N_IMAGES


def test_faces_that_cannot_be_found_are_greyed(visit, photos, monkeypatch):
    lack = Missing(sentence="Faces cannot be found here.", command="pip install mtcnn")
    for module in ("imgcluster.ui.faces", "imgcluster.ui.pictures.similar.choice"):
        monkeypatch.setattr(f"{module}.faces_missing", lambda: lack)
    page = choose(visit().type_path(photos), "faces")
    assert ":gray[:material/face: Faces]" in page.app.pills("similar_goal").options
    assert "pip install mtcnn" in page.text


def test_a_measurement_that_fails_is_one_sentence(visit, photos, others, monkeypatch):
    def broken(batch):
        raise Missing(sentence="The weights cannot be read.", command="Fetch them again.").error()

    monkeypatch.setattr(Other, "__call__", lambda self, batch: broken(batch))
    page = choose(visit().type_path(photos), "colours").settle()
    assert [error.proto.title for error in page.app.error] == [r"The weights cannot be read\."]
    assert "Start" in page.labels


def test_while_it_runs_the_answer_stays(visit, photos, network):
    network.seconds_per_batch = 0.3
    page = visit().type_path(photos).click("Start")
    assert page.app.pills("similar_goal").disabled
    page.click("Cancel").settle()
    assert not page.app.pills("similar_goal").disabled


def advanced(page):
    return choose(page, "else")


def test_everything_can_be_set(visit, photos, others):
    page = advanced(visit().type_path(photos))
    assert page.app.selectbox("similar-extractor-0").value == "efficientnet_lite0"
    assert "x" not in page.address
    page.app.selectbox("similar-extractor-0").set_value("hog")
    page.run().app.number_input("similar-0-hog-cell").set_value(16)
    page.app.toggle("similar-grayscale").set_value(True)
    page.app.segmented_control("similar-fit").set_value("crop")
    page.app.number_input("similar-size").set_value(64)
    page.run().settle()
    assert page.address["x"] == "hog(cell=16)|grayscale,crop,size=64"
    assert page.app.code[0].value.endswith("--extractor 'hog(cell=16)|grayscale,crop,size=64'")
    start(page)
    assert "150 pictures" in page.text
    page.go("pictures")
    assert page.app.pills("similar_goal").value == "else" and links(page) == ["See the groups"]
    assert page.app.number_input("similar-0-hog-cell").value == 16
    assert page.app.toggle("similar-grayscale").value is True
    choose(page, "shapes")
    assert page.address["x"] == "hog"


def test_extractors_of_one_title_are_told_apart(visit, photos, others):
    others["hog"].title = others["colour"].title = "Twin"
    page = advanced(visit().type_path(photos))
    for name in ("hog", "colour", "hog"):
        page.app.selectbox("similar-extractor-0").set_value(name)
        page.run().settle()
        assert page.address["x"] == name
    assert {"Twin, hog", "Twin, colour"} < set(page.app.selectbox("similar-extractor-0").options)


def test_the_same_extractor_twice_is_one_sentence(visit, photos):
    page = advanced(visit().type_path(photos))
    page.app.selectbox("similar-extractor-1").set_value("efficientnet_lite0")
    page.run()
    assert "is named twice" in page.text and "Start" not in page.labels
    page.app.selectbox("similar-extractor-1").set_value("colour")
    page.run().settle()
    assert not page.app.error and "Start" in page.labels


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/no/such/file.npy", "is no file"),
        ("relative.npy", "is no file"),
        ("<b>x</b>", "is no file"),
        ("~nobody-of-that-name/x.npy", "there is no user of that name"),
    ],
)
def test_a_file_of_vectors_that_is_not_there_is_one_sentence(visit, photos, typed, said):
    page = advanced(visit().type_path(photos))
    page.app.segmented_control("similar-origin").set_value("A file with vectors")
    page.run()
    assert "Start" not in page.labels and not page.app.error
    page.app.text_input("similar-vectors").input(typed)
    page.run()
    assert said in page.text and "Start" not in page.labels
    page.app.segmented_control("similar-origin").set_value("Extractors")
    page.run()
    assert "Start" in page.labels


def test_a_file_of_vectors_is_never_in_the_address(visit, photos, tmp_path):
    (tmp_path / "v.npy").write_bytes(b"")
    page = advanced(visit().type_path(photos))
    page.app.segmented_control("similar-origin").set_value("A file with vectors")
    page.run().app.text_input("similar-vectors").input(f' "{tmp_path / "v.npy"}" ')
    page.run().settle()
    assert page.app.session_state["features"].vectors == str(tmp_path / "v.npy")
    assert "Start" in page.labels and "x" not in page.address


def test_hosted_nobody_names_a_file(visit, monkeypatch):
    monkeypatch.setenv("IMGCLUSTER_HOSTED", "1")
    page = advanced(visit().click("Dots and shapes").settle())
    assert "similar-origin" not in [control.key for control in page.app.segmented_control]
    page.app.selectbox("similar-extractor-0").set_value("hog")
    page.run()
    assert not page.app.text_input
    assert "similar-0-hog-cell" in [field.key for field in page.app.number_input]


def test_other_weights_need_no_other_look(visit, photos, network, others):
    page = advanced(visit().type_path(photos))
    page.app.selectbox("similar-extractor-1").set_value("colour")
    page.run()
    page.app.slider("similar-weight-1-colour").set_value(0.3)
    page.run().settle()
    assert page.address["x"] == "efficientnet_lite0+colour:0.3"
    assert "77 % Fake, 23 % Colour" in page.text
    start(page)
    assert r"Similar: Fake \+ Colour" in [popover.proto.popover.label for popover in page.app.get("popover")]
    first = page.app.session_state["chosen_in"]
    page.app.slider("groups-weight-1-colour").set_value(2.0)
    page.run().click("Use these weights").settle()
    assert page.address["x"] == "efficientnet_lite0+colour:2"
    assert page.app.session_state["chosen_in"] != first
    assert page.app.slider("n_clusters").value == 8
    assert network.seen == others["colour"].seen == N_IMAGES
    page.go("pictures")
    assert links(page) == ["See the groups"]
    assert page.app.slider("similar-weight-1-colour").value == 2.0


def test_a_reload_shows_the_same(visit, photos, others):
    page = start(choose(visit().type_path(photos), "colours").settle())
    source, seen = page.address["c"], others["colour"].seen
    jobs().forget("")
    again = visit(c=source, x="colour").go("groups").settle().settle()
    assert again.app.slider("n_clusters").value == 8 and again.address["x"] == "colour"
    assert others["colour"].seen == seen == N_IMAGES
    again.go("pictures")
    assert again.app.pills("similar_goal").value == "colours"
    other = visit(c=source, x="hog(cell=4)|invert").settle()
    assert other.app.pills("similar_goal").value == "else"
    assert others["hog"].seen == 0  # nobody asked for the time yet


def test_a_hostile_address_leaves_the_usual_answer(visit):
    page = visit(c="dots", x="vectors=/etc/passwd").settle()
    assert page.app.pills("similar_goal").value == "things" and "Start" in page.labels
    assert "passwd" not in page.text and "x" not in page.address


def test_what_has_to_be_fetched_is_said_and_waits_for_start(visit, photos, others):
    others["colour"].note = "Its weights, 98 MB, are fetched at first use."
    page = choose(visit().type_path(photos), "colours").settle()
    assert others["colour"].note in page.text
    assert others["colour"].loads == others["colour"].seen == 0
    start(page)
    assert others["colour"].seen == N_IMAGES
