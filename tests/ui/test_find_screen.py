"""The screen Find: what is like a picture of the collection or a new one, and where new ones belong."""

import base64
import shutil

import numpy as np
import pytest
from fake_extractor import write_images
from PIL import Image

from imgcluster.editing.edits import Rename
from imgcluster.features.options import FeatureOptions
from imgcluster.ui.find.query import Query
from imgcluster.ui.groups.partition import kmeans_partition
from imgcluster.ui.messages import plain
from imgcluster.ui.project.projects import edit
from imgcluster.ui.register import jobs

pytestmark = pytest.mark.usefixtures("few_clusters")

N_IMAGES = 150  # as in conftest.py
EMPTY = "Drop a picture here, paste one, or click any picture in the app and choose Find similar."


@pytest.fixture
def find(visit, photos):
    return visit().group(photos).go("find").settle()


@pytest.fixture
def galleries(monkeypatch):
    """What the galleries show: the indices of each by its key, and the texts."""
    shown = {}

    def note(indices, *, key, texts, **rest):
        assert len(indices) == len(texts) == len(rest["colors"])
        shown[key] = dict(zip(map(int, indices), texts, strict=True))

    for module in ("similar", "belongs"):
        monkeypatch.setattr(f"imgcluster.ui.find.{module}.gallery", note)
    return shown


def ask_index(page, index):
    page.app.session_state["asked"] = Query(image=index)
    return page.run()


def ask_path(page, path):
    page.app.text_input("find_path").input(str(path))
    return page.run().settle()


def grouping():
    return next(job.result for key, job in jobs()._jobs.items() if "/groups/" in key)


def by_brute_force(vector, *, without=None):
    """All images, the nearest by their directions first."""
    rows = np.sqrt(np.vstack([vector, grouping().features.vectors]).astype(np.float64))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    order = np.argsort(1 - rows[1:] @ rows[0], kind="stable")
    return [int(index) for index in order if index != without]


def stranger(path):
    """Write a picture that is unlike all noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (16, 12), (255, 0, 0)).save(path)
    return path


def chips(page):
    return "".join(part.proto.body for part in page.app.get("html"))


def titles(page):
    return [header.value for header in page.app.header]


def test_without_pictures_it_says_what_to_do(visit):
    assert visit().go("find").app.info[0].proto.title == "No pictures yet"


def test_first_it_says_what_to_do(find):
    assert find.app.info[0].value == EMPTY
    assert [uploader.label for uploader in find.app.get("file_uploader")] == [
        "Drop pictures or a ZIP file, or paste a picture"
    ]
    assert "Similar pictures" not in titles(find)


def test_a_picture_of_the_collection(find, galleries):
    page = ask_index(find, 7)
    assert list(galleries["similar"]) == by_brute_force(grouping().features.vectors[7], without=7)[:12]
    assert all("distance" in text and "Group" in text for text in galleries["similar"].values())
    assert titles(page) == ["Where it belongs", "Similar pictures"]
    assert "0007.png" in page.text and EMPTY not in page.text
    assert "nearer than chance allows (p < 0.05" in page.text
    assert len(page.app.get("plotly_chart")) == 1 and not page.app.error
    label = int(grouping().series[7][7])
    assert f"<b>Group {label + 1}</b>" in chips(page)


def test_how_many(find, galleries):
    page = ask_index(find, 7)
    expected = by_brute_force(grouping().features.vectors[7], without=7)
    for n_similar in (1, 60):
        page.app.slider("n_similar").set_value(n_similar)
        page.run()
        assert list(galleries["similar"]) == expected[:n_similar]
    page.app.toggle("also_near").set_value(True)
    assert list(galleries["similar"])[:60] == expected[:60]


@pytest.mark.parametrize("alpha", [0.01, 0.1])
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_metric_and_chance(find, galleries, alpha, metric):
    page = ask_index(find, 3)
    page.app.selectbox("similar_metric").set_value(metric)
    page.app.selectbox("similar_alpha").set_value(alpha)
    page.run()
    assert f"(p < {alpha:g}" in page.text and len(galleries["similar"]) == 12


def test_the_wish_stays_between_screens_and_goes_with_the_collection(find, tmp_path, galleries):
    page = ask_index(find, 7)
    page.app.slider("n_similar").set_value(5)
    page.run().go("groups").go("find")
    assert "0007.png" in page.text and len(galleries["similar"]) == 5
    write_images(tmp_path / "other", 30, seed=5)
    page.go("pictures").group(tmp_path / "other").go("find")
    assert page.app.info[0].value == EMPTY


def test_any_picture_can_be_asked_for(find, galleries):
    page = find.go("groups").happen("map", "picked", 3).click("Find similar").go("find")
    assert "0003.png" in page.text and len(galleries["similar"]) == 12
    assert "Most like it" not in page.text  # its large view is closed


@pytest.mark.parametrize("index", [-1, N_IMAGES, 10**9])
def test_a_picture_that_is_not_there_is_not_looked_for(find, index):
    assert ask_index(find, index).app.info[0].value == EMPTY


def test_show_on_the_map_marks_what_was_found(find, galleries):
    page = ask_index(find, 7).click("Show on the map")
    assert page.app.session_state["marked"] == (7, *galleries["similar"])


def test_a_picture_that_is_clicked_is_opened(find):
    page = ask_index(find, 7)
    nearest = by_brute_force(grouping().features.vectors[7], without=7)[0]
    page.happen("similar", "picked", nearest)
    assert "16 × 12 pixels" in page.text and f"{nearest:04d}.png" in page.text


def test_a_new_picture_by_its_path(find, photos, tmp_path, galleries):
    (tmp_path / "new").mkdir()
    shutil.copy(photos / "0007.png", tmp_path / "new" / "copy.png")
    page = ask_path(find, f' "{tmp_path / "new" / "copy.png"}" ')
    assert not page.app.error and "copy.png" in page.text
    expected = by_brute_force(grouping().features.vectors[7])
    assert list(galleries["similar"]) == expected[:12] and expected[0] == 7
    assert next(iter(galleries["reason"])) == 7
    label = int(grouping().series[7][7])
    assert f"<b>Group {label + 1}</b>" in chips(page)
    assert [metric.label for metric in page.app.metric] == ["Distance", "Limit"]
    assert "None of these" not in page.text
    page.click("Show on the map")
    assert page.app.session_state["marked"] == tuple(expected[:12])


def test_a_stranger_is_none_of_these(find, tmp_path, galleries):
    page = ask_path(find, stranger(tmp_path / "new" / "red.png"))
    assert "None of these: it is farther from every picture than 95 % of yours are from theirs." in page.text
    assert len(galleries["similar"]) == 12
    page.app.slider("strictness").set_value(90)
    assert "than 90 % of yours" in page.run().text


def test_a_picture_that_cannot_be_read_is_one_sentence(find, tmp_path, galleries):
    ask_index(find, 3)
    path = tmp_path / "broken.png"
    path.write_bytes(b"this is no picture")
    page = ask_path(find, path)
    assert len(page.app.error) == 1 and "broken" in page.app.error[0].proto.title
    assert "Similar pictures" not in titles(page)
    assert "0003.png" in ask_index(page, 3).text


def test_a_picture_that_is_damaged_inside_is_one_sentence(find, photos, tmp_path):
    path = tmp_path / "half.png"
    path.write_bytes((photos / "0001.png").read_bytes()[:200])
    page = ask_path(find, path)
    assert len(page.app.error) == 1 and "half" in page.app.error[0].proto.title
    shutil.copy(photos / "0001.png", path)
    page = ask_path(page, f" {path}")  # the file is another now
    assert not page.app.error and "Similar pictures" in titles(page)


@pytest.mark.parametrize("typed", ["/no/such/place", "/etc/hostname", "\0", "~nobody/x.png", "~nosuchuser/x.png"])
def test_a_path_that_leads_nowhere_is_one_sentence(find, typed):
    assert len(ask_path(find, typed).app.error) == 1


def test_several_new_pictures(find, photos, tmp_path, galleries):
    folder = tmp_path / "arrivals"
    folder.mkdir()
    for number in (3, 7, 12):
        shutil.copy(photos / f"{number:04d}.png", folder / f"copy-{number}.png")
    stranger(folder / "red.png")
    (folder / "broken.png").write_bytes(b"no picture")
    page = ask_path(find, folder)
    assert titles(page) == ["4 new pictures"] and not page.app.error
    table = page.app.dataframe[-1].value
    labels = grouping().series[7]
    assert table["File"].tolist() == ["copy-3.png", "copy-7.png", "copy-12.png", "red.png"]
    assert table["Group"].tolist() == [*(f"Group {labels[index] + 1}" for index in (3, 7, 12)), "None of these"]
    assert all(uri.startswith("data:image/jpeg;base64,") for uri in table["Picture"])
    assert next(expander.label for expander in page.app.expander) == "1 file that cannot be read"
    page.app.selectbox("arrival").set_value(3)
    page.run()
    assert "Similar pictures" in titles(page) and "None of these: it is farther" in page.text
    page.app.pills[0].set_value(-2)
    page.run()
    assert page.app.dataframe[-1].value["File"].tolist() == ["red.png"]
    page.go("groups").go("find").settle()
    assert page.app.selectbox("arrival").value == 3


def test_names_in_the_list_of_groups_stay_text(find, photos, tmp_path):
    source, partition = find.app.session_state["source"], kmeans_partition(grouping(), 8)
    label = int(partition.labels[7])
    name = "**[a](https://evil.example)**"
    assert edit(source, grouping(), partition, Rename(group=tuple(partition.groups.members(label).tolist()), name=name))
    (tmp_path / "arrivals").mkdir()
    for number in (3, 7):
        shutil.copy(photos / f"{number:04d}.png", tmp_path / "arrivals")
    page = ask_path(find, tmp_path / "arrivals")
    assert f"{plain(name)} (" in "".join(page.app.pills[0].options)


def test_an_upload(find, photos, galleries):
    page = find
    page.app.get("file_uploader")[0].set_value([("mine.png", (photos / "0007.png").read_bytes(), "image/png")])
    page.run().settle()
    assert next(iter(galleries["similar"])) == 7 and "mine.png" in page.text
    assert not page.app.get("file_uploader")[0].value  # ready for the next one
    page.go("groups").go("find").settle()
    assert "mine.png" in page.text


def test_an_upload_of_no_picture_is_one_sentence(find):
    find.app.get("file_uploader")[0].set_value([("mine.png", b"x", "image/png")])
    page = find.run().settle()
    assert len(page.app.error) == 1 and "mine.png" in page.text.replace("\\", "")


def test_a_pasted_picture(find, photos, galleries):
    data = base64.b64encode((photos / "0007.png").read_bytes()).decode()
    page = find.happen("paste", "pasted", {"name": "image.png", "data": data}).settle()
    assert next(iter(galleries["similar"])) == 7 and "image.png" in page.text


def test_a_pasted_picture_that_is_too_large_is_one_sentence(find):
    page = find.happen("paste", "pasted", {"name": "image.png", "size": 10**8})
    assert "has 100 MB, more than the 20 MB allowed" in page.text and page.app.info[0].value == EMPTY


@pytest.mark.parametrize(
    "value", [None, 3, "x", {}, {"name": 3, "data": "AAAA"}, {"name": "x", "data": "%%"}, {"name": "x", "data": ""}]
)
def test_a_browser_can_paste_anything(find, value):
    page = find.happen("paste", "pasted", value)
    assert page.app.info[0].value == EMPTY and not page.app.error


def test_a_reload_finds_what_was_looked_for(visit, find, photos, tmp_path, monkeypatch, galleries):
    source, written = find.address["c"], {}
    monkeypatch.setattr("imgcluster.ui.components.address._component", lambda *, key, data: written.update({key: data}))
    (tmp_path / "new").mkdir()
    shutil.copy(photos / "0007.png", tmp_path / "new" / "copy.png")
    ask_path(find, tmp_path / "new" / "copy.png")
    assert written["address-of-find"]["c"] == source
    asked = written["address-of-find"]["q"]
    assert "copy.png" in visit(c=source, q=asked).go("find").settle().text
    ask_index(find, 12)
    asked = written["address-of-find"]["q"]
    assert "0012.png" in visit(c=source, q=asked).go("find").settle().text
    for nonsense in ("", "x", "12", "00000000-12", f"{asked.split('-')[0]}-999999", "/etc/passwd"):
        assert visit(c=source, q=nonsense).go("find").settle().app.info[0].value == EMPTY


def test_hosted_no_path_can_be_typed(visit, monkeypatch):
    monkeypatch.setenv("IMGCLUSTER_HOSTED", "1")
    page = visit(c="dots").go("find").settle().settle()
    assert not page.app.text_input and len(page.app.get("file_uploader")) == 1


def test_with_vectors_from_a_file_there_is_nothing_to_upload(visit, photos, tmp_path, galleries):
    np.save(tmp_path / "v.npy", np.random.default_rng(0).random((N_IMAGES, 6), dtype=np.float32))
    page = visit().type_path(photos)
    page.app.pills("similar_goal").set_value("else")
    page.run().app.segmented_control("similar-origin").set_value("A file with vectors")
    page.run().app.text_input("similar-vectors").input(str(tmp_path / "v.npy"))
    page.run().click("Start").settle().go("find").settle()
    assert page.app.session_state["features"] == FeatureOptions(vectors=str(tmp_path / "v.npy"))
    assert not page.app.get("file_uploader") and "cannot be worked out for new" in page.text
    assert "Similar pictures" in titles(ask_index(page, 7)) and len(galleries["similar"]) == 12


@pytest.mark.parametrize("n_images", [1, 2, 3, 5])
def test_few_pictures(visit, tmp_path, n_images):
    write_images(tmp_path / "few", n_images)
    page = ask_index(visit().group(tmp_path / "few").go("find"), 0)
    assert not page.app.error and "Where it belongs" in titles(page)
    page = ask_path(page, stranger(tmp_path / "new" / "red.png"))
    assert not page.app.error and "Similar pictures" in titles(page)
