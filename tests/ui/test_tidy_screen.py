"""The screen Tidy: what is on its lists, what is said of it is remembered, and nothing in the folder ever changes."""

import csv
import hashlib
import io
import json
import sys

import pytest
from PIL import Image
from some_copies import N_SCENES, scene, write_copies, write_scenes

import imgcluster.ui.components.side_by_side  # noqa: F401
from imgcluster.errors import StoreError
from imgcluster.ui.register import jobs

pytestmark = pytest.mark.usefixtures("few_clusters")


@pytest.fixture
def folder(tmp_path):
    write_copies(tmp_path / "trip")
    return tmp_path / "trip"


@pytest.fixture(autouse=True)
def shown(monkeypatch):
    """What was shown side by side, the newest last."""
    headers = []

    def note(*, data, **rest):
        headers.append(json.loads(data[4 : 4 + int.from_bytes(data[:4], "little")]))

    monkeypatch.setattr(sys.modules["imgcluster.ui.components.side_by_side"], "_component", note)
    return headers


@pytest.fixture
def tidy(visit, folder):
    return look(visit().group(folder).go("tidy"))


def look(page):
    return page.click("Look for copies and flaws").settle()


def tabs(page):
    return list(page.app.segmented_control("tidy-list").options)


def show(page, name):
    page.app.segmented_control("tidy-list").set_value(name)
    return page.run()


def names(shown):
    return [side["name"] for side in shown[-1]["sides"]]


def index_of(shown, name):
    return next(side["index"] for side in shown[-1]["sides"] if side["name"] == name)


def do(page, action, index=None, key="copies"):
    return page.happen(key, "did", {"action": action, "index": index})


def contents(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_without_pictures_it_says_what_to_do(visit):
    assert visit().go("tidy").app.info[0].proto.title == "No pictures yet"


def test_before_the_work_it_says_how_much_it_is(visit, folder):
    page = visit().group(folder).go("tidy")
    assert tabs(page)[0] == "Copies" and "15 pictures to look at: a few seconds" in page.text
    assert "Look for copies and flaws" in page.labels
    show(page, "quality")
    assert "Look for copies and flaws" in page.labels


def test_copies_are_shown_the_best_first(tidy, shown):
    assert tabs(tidy)[0] == "Copies 3"
    assert shown[-1]["title"] == "Group 1 of 3"
    assert sorted(names(shown)) == ["00 (1).png", "00.png"]
    assert [side["badge"] for side in shown[-1]["sides"]] == ["Best", ""]
    assert shown[-1]["sides"][1]["lines"][0] == "The same file, bit for bit"
    do(tidy, "next")
    assert sorted(names(shown)) == ["01.bmp", "01.png"] and "The same pixels" in shown[-1]["sides"][1]["lines"]
    do(tidy, "onward")
    assert names(shown) == ["02.png", "02-small.jpg"]
    assert "% alike" in shown[-1]["sides"][1]["lines"][0]
    assert shown[-1]["sides"][0]["lines"][0].startswith("Most pixels")
    assert "240 × 180 pixels · PNG" in shown[-1]["sides"][0]["lines"][1]
    assert shown[-1]["moves"] == ["back", "previous"]
    do(tidy, "next")
    assert shown[-1]["title"] == "Group 3 of 3"


def test_the_slider_at_its_end_leaves_the_same_pixels(tidy):
    tidy.app.slider("tidy-near").set_value(100)
    tidy.run()
    assert tabs(tidy)[0] == "Copies 2"


def test_a_group_can_be_chosen_from_all(tidy, shown):
    do(tidy, "next")
    do(tidy, "next")
    best = shown[-1]["sides"][0]["index"]
    do(tidy, "previous")
    assert shown[-1]["title"] == "Group 2 of 3"
    tidy.happen("copy-groups", "picked", best)
    assert shown[-1]["title"] == "Group 3 of 3"


def test_not_the_same_is_remembered_after_a_reload(tidy, shown, visit, folder):
    do(do(tidy, "next"), "next")
    do(tidy, "not_same", index_of(shown, "02-small.jpg"))
    assert tabs(tidy)[0] == "Copies 2" and shown[-1]["title"] == "Group 2 of 2"
    again = visit(c=tidy.address["c"]).go("tidy").settle()
    assert tabs(again)[0] == "Copies 2"
    jobs().forget("")  # the program was ended and started again
    later = visit(c=tidy.address["c"]).go("tidy").settle().settle()
    assert tabs(later)[0] == "Copies 2" and "Look for copies and flaws" not in later.labels


def test_what_was_said_can_be_undone(tidy, shown):
    do(do(tidy, "next"), "next")
    do(tidy, "not_same", index_of(shown, "02.png"))
    tidy.click("Undo")
    assert tabs(tidy)[0] == "Copies 3" and shown[-1]["title"] == "Group 3 of 3"
    do(tidy, "not_same", index_of(shown, "02.png"))
    assert tabs(tidy)[0] == "Copies 2" and "02.png and 02-small.jpg" in tidy.text.replace(
        "02-small.jpg and 02.png", "02.png and 02-small.jpg"
    )
    tidy.click("They are copies")
    assert tabs(tidy)[0] == "Copies 3"
    tidy.click("Undo")
    assert tabs(tidy)[0] == "Copies 2"


def test_the_same_file_cannot_be_another(tidy, shown):
    offered = [action["name"] for side in shown[-1]["sides"] for action in side["actions"]]
    assert offered == ["open", "open"]
    do(tidy, "not_same", index_of(shown, "00.png"))
    assert tabs(tidy)[0] == "Copies 3"


def test_one_keeps_another_than_the_best(tidy, shown):
    do(do(tidy, "next"), "next")
    small = index_of(shown, "02-small.jpg")
    do(tidy, "keep", small)
    assert names(shown) == ["02.png", "02-small.jpg"]  # nothing jumps under one's hands
    assert [side["badge"] for side in shown[-1]["sides"]] == ["", "You keep it"]
    assert [side["actions"][0]["pressed"] for side in shown[-1]["sides"]] == [False, True]
    do(do(tidy, "previous"), "next")
    assert names(shown) == ["02-small.jpg", "02.png"]
    do(tidy, "keep", small)
    assert [side["badge"] for side in shown[-1]["sides"]] == ["", "Best"]


def test_the_list_is_a_table_with_all_that_was_said(tidy, shown, monkeypatch):
    files = []
    monkeypatch.setattr("streamlit.download_button", lambda *args, **rest: files.append(args[1]))
    do(do(tidy, "next"), "next")
    do(tidy, "keep", index_of(shown, "02-small.jpg"))
    rows = list(csv.DictReader(io.StringIO(files[-1]().decode())))
    assert [(row["group"], row["path"], row["kind"], row["keep"]) for row in rows[2:]] == [
        ("2", "01.png", "", "true"),
        ("2", "01.bmp", "pixels", "false"),
        ("3", "02-small.jpg", "", "true"),
        ("3", "02.png", "near", "false"),
    ]
    assert (rows[0]["kind"], rows[1]["kind"], rows[1]["keep"]) == ("", "exact", "false")


def test_a_decision_that_cannot_be_kept_is_said(tidy, shown, monkeypatch):
    def fail(*decision):
        raise StoreError("What was decided cannot be kept.", hint="Make room.")

    do(do(tidy, "next"), "next")
    said = []
    monkeypatch.setattr("imgcluster.ui.tidy.decided.show_error", said.append)
    monkeypatch.setitem(sys.modules["imgcluster.ui.tidy.decided"]._ADD, "not_same", fail)
    do(tidy, "not_same", index_of(shown, "02.png"))
    assert tabs(tidy)[0] == "Copies 3" and shown[-1]["title"] == "Group 3 of 3"
    assert [str(error) for error in said] == ["What was decided cannot be kept."]


def test_a_picture_is_opened(tidy, shown):
    do(tidy, "open", index_of(shown, "00.png"))
    assert "Show on the map" in tidy.labels and "Most like it" in tidy.text


def test_many_copies_are_shown_two_at_a_time(visit, tmp_path, shown):
    write_scenes(tmp_path / "many", 4)
    for number in range(8):
        scene(0).save(tmp_path / "many" / f"copy-{number}.jpg", quality=80 + number)
    page = look(visit().group(tmp_path / "many").go("tidy"))
    assert tabs(page)[0] == "Copies 1" and len(shown[-1]["sides"]) == 2
    first, second = names(shown)
    do(page, "onward")
    assert names(shown)[0] == first and names(shown)[1] != second
    assert shown[-1]["title"] == "Group 1 of 1" and shown[-1]["moves"] == ["back", "onward"]
    do(page, "back")
    assert names(shown) == [first, second] and shown[-1]["moves"] == ["onward"]


def test_nothing_in_the_folder_ever_changes(tidy, shown, folder, tmp_path):
    before = contents(folder)
    do(tidy, "keep", index_of(shown, "00.png"))
    tidy.app.text_input("tidy-out").input(str(tmp_path / "out"))
    tidy.run()
    assert "12 of 15 pictures" in tidy.text
    tidy.click("Copy 12 pictures").settle()
    assert "12 pictures copied to" in tidy.app.success[0].value
    assert contents(folder) == before and len(list((tmp_path / "out").iterdir())) == N_SCENES


@pytest.mark.parametrize("place", ["", "inside"])
def test_no_copy_goes_into_the_folder_itself(tidy, folder, place):
    tidy.app.text_input("tidy-out").input(str(folder / place))
    tidy.run()
    assert len(tidy.app.error) == 1 and not any(label.startswith("Copy ") for label in tidy.labels)


def test_hosted_there_is_no_folder_to_copy_to(visit, monkeypatch):
    monkeypatch.setenv("IMGCLUSTER_HOSTED", "1")
    page = look(visit(c="dots").go("tidy").settle().settle())
    assert not [field for field in page.app.text_input if field.key == "tidy-out"]


def test_odd_ones_are_shown_beside_their_nearest(tidy, shown):
    show(tidy, "odd")
    odd = json.loads(json.dumps(shown[-1]))
    number = int(tabs(tidy)[1].removeprefix("Odd ones "))
    assert odd["title"] == f"1 of {number}" and odd["sides"][1]["badge"] == "Nearest to it"
    assert odd["sides"][0]["lines"][0].endswith(".")
    do(tidy, "fine", odd["sides"][0]["index"], key="review-odd")
    assert tabs(tidy)[1] == f"Odd ones {number - 1}"


def test_what_was_found_fine_can_be_put_back(tidy, shown):
    show(tidy, "odd")
    number, image = tabs(tidy)[1], shown[-1]["sides"][0]["index"]
    do(tidy, "fine", image, key="review-odd")
    assert tabs(tidy)[1] != number
    tidy.happen("fine-odd", "picked", image)
    assert tabs(tidy)[1] == number and not [label for label in tidy.labels if label.startswith("Found fine")]


def test_flaws_are_listed_by_their_kinds(visit, folder, shown):
    Image.new("RGB", (240, 180), (2, 2, 3)).save(folder / "black.png")
    scene(40).resize((16, 12)).save(folder / "tiny.png")
    page = show(look(visit().group(folder).go("tidy")), "quality")
    number = int(tabs(page)[2].removeprefix("Quality "))
    listed = {names(shown)[0]}
    for _ in range(number - 1):
        do(page, "next", key="review-quality")
        listed.add(names(shown)[0])
    assert {"black.png", "tiny.png"} <= listed and len(listed) == number
    page.app.pills("tidy-kind-quality").set_value("dark")
    page.run()
    assert names(shown) == ["black.png"] and shown[-1]["title"] == "1 of 1"
    do(page, "fine", shown[-1]["sides"][0]["index"], key="review-quality")
    assert tabs(page)[2] == f"Quality {number - 1}" and "You have looked at all of them" in page.text
    again = show(visit(c=page.address["c"]).go("tidy").settle(), "quality")
    assert tabs(again)[2] == f"Quality {number - 1}"
    page.click("Undo")
    assert tabs(page)[2] == f"Quality {number}"


def test_a_file_that_went_away_is_said_to_be_gone(visit, folder, shown):
    page = visit().group(folder).go("tidy")
    (folder / "02.png").unlink()
    (folder / "05.png").write_bytes(b"no picture any more")
    look(page)
    assert tabs(page)[0] in ("Copies 2", "Copies 3")


@pytest.mark.parametrize("n", [1, 2, 3])
def test_very_few_pictures(visit, tmp_path, n):
    write_scenes(tmp_path / "few", n)
    page = look(visit().group(tmp_path / "few").go("tidy"))
    assert tabs(page)[0] == "Copies 0" and "No two pictures are 90 % alike" in page.text
    page.app.slider("tidy-near").set_value(100)
    page.run()
    assert "No two pictures are the same. Move the slider to the left" in page.text
    for name in ("odd", "quality", "copies"):
        show(page, name)
    assert not page.app.error


@pytest.mark.parametrize(
    "event",
    [
        ("did", {"action": "not_same", "index": 10**6}),
        ("did", {"action": "keep", "index": -1}),
        ("did", {"action": "fine", "index": 0}),
        ("did", {"action": "delete"}),
        ("did", [1]),
        ("need", {"a": 1}),
    ],
)
def test_a_browser_can_send_anything(tidy, shown, event):
    before = names(shown)
    tidy.happen("copies", *event)
    assert names(shown) == before and tabs(tidy)[0] == "Copies 3"
