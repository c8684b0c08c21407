"""The screen How many groups: before, during and after the work, stopped, failed, and with next to no pictures."""

import csv
import io
from dataclasses import replace

import pytest
from fake_extractor import write_images
from held_scores import HeldScores
from PIL import Image

from imgcluster.choosing.recommendation import recommend
from imgcluster.jobs import JobState
from imgcluster.ui.groups.data import strip_rows
from imgcluster.ui.groups.partition import kmeans_partition
from imgcluster.ui.how_many.data import misfits, sample_note, silhouettes_of, table_csv
from imgcluster.ui.register import jobs

pytestmark = pytest.mark.usefixtures("few_clusters")

MOST = 12  # as in conftest.py


@pytest.fixture
def scores(monkeypatch):
    scores = HeldScores(monkeypatch)
    yield scores
    scores.go.set()


@pytest.fixture
def asked(visit, photos, scores):
    """The screen before anything was compared."""
    return visit().group(photos).go("how_many")


@pytest.fixture
def told(asked):
    """The screen after all was compared."""
    return asked.click("Compare 2 to 12 groups").settle()


@pytest.fixture
def stopped(asked, scores):
    """The screen after Cancel."""
    scores.last = 5
    asked.click("Compare 2 to 12 groups")
    assert scores.waiting.wait(20)
    asked.run().click("Cancel")
    scores.go.set()
    return asked.settle()


def n_clusters(page):
    return page.app.slider("n_clusters").value


def charts(page):
    return len(page.app.get("plotly_chart"))


def links(page):
    return [link.label.replace("\\", "") for link in page.app.page_link]


def result(prefix="/k-scan/"):
    return next(job for key, job in jobs()._jobs.items() if prefix in key).result


def grouping():
    return result("/groups/")


def recommended(page):
    return next((button for button in page.app.button if button.key == "use-recommended"), None)


def test_without_pictures_it_says_what_to_do(visit):
    assert visit().go("how_many").app.info[0].proto.title == "No pictures yet"


def test_before_it_says_what_will_be_done_and_how_long_it_takes(asked, scores):
    assert "Every number of groups is tried" in asked.text and "150 pictures, takes a few seconds" in asked.text
    assert asked.app.slider("k_range").value == (2, MOST)
    assert (asked.app.slider("k_range").min, asked.app.slider("k_range").max) == (2, MOST)
    assert charts(asked) == 0 and scores.computed == []


def test_the_range_is_what_is_compared(asked, scores):
    asked.app.slider("k_range").set_value((4, 7))
    asked.run().click("Compare 4 to 7 groups").settle()
    assert scores.computed == [1, 4, 5, 6, 7]
    assert asked.title is not None


def test_one_number_is_no_comparison(asked):
    asked.app.slider("k_range").set_value((5, 5))
    asked.run()
    assert next(button for button in asked.app.button if button.key == "compare").disabled
    assert "Choose a wider range" in asked.text


def test_while_it_runs_the_curves_fill_in_and_it_can_be_stopped(asked, scores):
    scores.last = 5
    asked.click("Compare 2 to 12 groups")
    assert scores.waiting.wait(20)
    asked.run()
    assert "Cancel" in asked.labels and "5 of 12" in asked.text
    assert charts(asked) == 3 and asked.title is None
    asked.app.slider("n_clusters").set_value(3)
    asked.run()
    assert "Use 4 groups" in asked.labels and "Cancel" in asked.labels
    scores.go.set()
    asked.settle()
    assert asked.title is not None and "Cancel" not in asked.labels


def test_after_cancel_what_is_there_stays_and_the_rest_can_follow(stopped, scores):
    assert "Stopped: 2 to 6 groups are compared, of 2 to 12" in stopped.text
    assert stopped.title is not None and charts(stopped) > 3
    before = list(scores.computed)
    stopped.click("Go on").settle()
    assert "Stopped" not in stopped.text
    assert before == [1, 2, 3, 4, 5, 6] and scores.computed[6:] == [7, 8, 9, 10, 11, 12]


def test_cancelled_before_there_was_anything(asked, scores):
    scores.last = 0
    asked.click("Compare 2 to 12 groups")
    assert scores.waiting.wait(20)
    asked.run().click("Cancel")
    scores.go.set()
    asked.settle()
    assert "Compare 2 to 12 groups" in asked.labels and charts(asked) == 0


def test_a_failure_is_one_sentence_and_one_can_try_again(asked, scores, monkeypatch):
    monkeypatch.setattr("threading.excepthook", lambda args: None)
    scores.error = MemoryError()
    asked.click("Compare 2 to 12 groups").settle()
    assert "memory is used up" in asked.text
    scores.error = None
    asked.click("Compare 2 to 12 groups").settle()
    assert not asked.app.error and asked.title is not None


def test_a_failure_on_the_way_keeps_what_is_there(asked, scores, monkeypatch):
    monkeypatch.setattr("threading.excepthook", lambda args: None)
    scores.last = 5
    asked.click("Compare 2 to 12 groups")
    assert scores.waiting.wait(20)
    scores.error = ZeroDivisionError("by zero")
    scores.go.set()
    asked.settle()
    assert len(asked.app.error) == 1 and "Stopped: 2 to 5 groups" in asked.text


def test_the_result_is_a_sentence_with_its_reasons(told):
    assert charts(told) == 7  # three curves, three more, and the silhouettes
    assert "group" in told.title
    reasons = [text.value for text in told.app.markdown if text.value.startswith(":material/")]
    assert len([reason for reason in reasons if "circle" in reason or "unchecked" in reason]) == 7
    assert any("Stability" in reason for reason in reasons)
    assert [link.label for link in told.app.page_link][-1] == "See the groups"


def test_use_chooses_the_recommended_number(asked, monkeypatch):
    def seven(scan):  # random pictures have no clear number of groups
        return replace(recommend(scan), k=7, low=7, high=7, confidence="clear", stability=1.0)

    monkeypatch.setattr("imgcluster.ui.how_many.data.recommend", seven)
    asked.click("Compare 2 to 12 groups").settle()
    assert asked.title == "7 groups" and recommended(asked).label == "Use 7 groups"
    recommended(asked).click()
    asked.run()
    assert n_clusters(asked) == 7 and recommended(asked) is None
    assert "You use 7 groups" in asked.text
    assert asked.go("groups").app.slider("n_clusters").value == 7


def test_pictures_that_are_all_the_same_have_no_number_of_groups(visit, tmp_path, scores):
    (tmp_path / "same").mkdir()
    for number in range(12):
        Image.new("RGB", (20, 20), "teal").save(tmp_path / "same" / f"{number}.png")
    page = visit().group(tmp_path / "same").go("how_many").click("Compare 2 to 12 groups").settle()
    assert page.title.startswith("No clear number of groups")
    assert recommended(page) is None and "You use" not in page.text
    for k in (1, 2, 12):
        page.app.slider("n_clusters").set_value(k)
        page.run()


def test_the_slider_is_the_same_as_on_groups(told):
    assert (told.app.slider("n_clusters").min, told.app.slider("n_clusters").max) == (1, MOST)
    told.app.slider("n_clusters").set_value(5)
    told.run()
    assert told.address["k"] == "5"
    assert told.go("groups").app.slider("n_clusters").value == 5
    told.app.slider("n_clusters").set_value(9)
    told.run().go("how_many")
    assert n_clusters(told) == 9


def test_the_columns_beside_say_what_changes_and_can_be_chosen(told):
    told.app.slider("n_clusters").set_value(5)
    told.run()
    assert "**4 groups**" in told.text and "**5 groups**" in told.text and "**6 groups**" in told.text
    assert "become group" in told.text and "splits into" in told.text
    told.app.button("use-6").click()
    told.run()
    assert n_clusters(told) == 6 and "**7 groups**" in told.text


@pytest.mark.parametrize(("k", "beside"), [(1, ["Use 2 groups"]), (MOST, ["Use 11 groups"])])
def test_at_the_ends_there_is_one_column_beside(told, k, beside):
    told.app.slider("n_clusters").set_value(k)
    told.run()
    buttons = [button for button in told.app.button if (button.key or "").startswith("use-") and not button.disabled]
    assert [button.label for button in buttons if button.key != "use-recommended"] == beside


def test_a_picture_of_a_column_is_opened_as_it_is_there(told):
    told.app.slider("n_clusters").set_value(5)
    told.run()
    beside = kmeans_partition(grouping(), 6)
    picture = strip_rows(grouping(), beside)[0].indices[0]
    told.happen("strips-6", "clicked", {"cluster": 0, "index": picture})
    assert told.app.session_state["opened_at"].key == beside.key and told.app.session_state["open_picture"] == picture
    assert "pixels" in told.text
    told.click("Show on the map")
    assert told.app.segmented_control and "pixels" not in told.text
    assert told.app.session_state["marked"] == (picture,)


def test_pictures_that_may_not_belong_come_lowest_first(told):
    told.app.slider("n_clusters").set_value(8)
    told.run()
    silhouettes = result().at(8).silhouette_samples
    wrong = misfits(silhouettes)
    assert len(wrong) and f"**{len(wrong)} picture" in told.text
    assert list(silhouettes[wrong]) == sorted(silhouettes[silhouettes < 0])
    told.app.toggle("misfits").set_value(True)
    told.run()
    told.happen("gallery", "picked", int(wrong[0]))
    assert told.app.session_state["open_picture"] == wrong[0]


def test_silhouettes_of_a_number_that_was_not_scanned(asked):
    asked.app.slider("k_range").set_value((2, 4))
    asked.run().click("Compare 2 to 4 groups").settle()
    asked.app.slider("n_clusters").set_value(9)
    asked.run()
    source = asked.app.session_state["source"]
    assert silhouettes_of(source, grouping(), result(), 9).shape == (150,)


def test_a_wider_range_computes_only_what_is_new(asked, scores):
    asked.app.slider("k_range").set_value((2, 5))
    asked.run().click("Compare 2 to 5 groups").settle()
    asked.app.slider("k_range").set_value((2, 7))
    asked.run().click("Compare 2 to 7 groups").settle()
    assert scores.computed == [1, 2, 3, 4, 5, 6, 7]
    assert result().ks.tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_after_a_restart_the_result_is_there_at_once(told, visit, scores):
    source, said, before = told.address["c"], told.title, list(scores.computed)
    jobs().forget("")  # the program was ended and started again
    page = visit(c=source).go("how_many").settle().settle()
    assert page.title == said and "Compare 2 to 12 groups" in page.labels
    assert scores.computed == before


def test_after_a_restart_what_was_stopped_waits_to_be_asked(stopped, visit, scores):
    source, before = stopped.address["c"], list(scores.computed)
    jobs().forget("")
    page = visit(c=source).go("how_many").settle().settle()
    assert page.title is None and "Compare 2 to 12 groups" in page.labels
    page.click("Compare 2 to 12 groups").settle()
    assert scores.computed[len(before) :] == [7, 8, 9, 10, 11, 12]


def test_a_wider_range_is_there_after_a_restart_too(asked, visit, scores, monkeypatch):
    monkeypatch.setattr("imgcluster.ui.background._FIRST_HIGH", 5)
    asked.app.slider("k_range").set_value((2, 7))
    asked.run().click("Compare 2 to 7 groups").settle()
    source = asked.address["c"]
    jobs().forget("")
    visit(c=source).go("how_many").settle().settle()
    assert result().ks.tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_other_pictures_have_their_own_answer(told, tmp_path):
    told.app.toggle("misfits").set_value(True)
    told.run()
    write_images(tmp_path / "other", 30, seed=1)
    told.go("pictures").group(tmp_path / "other").go("how_many")
    assert told.title is None and "30 pictures" in told.text
    told.click("Compare 2 to 12 groups").settle()
    assert told.title is not None and not told.app.session_state.get("misfits", False)


@pytest.mark.parametrize("n_images", [1, 2])
def test_too_few_pictures_to_compare(visit, tmp_path, n_images):
    write_images(tmp_path / "few", n_images)
    page = visit().group(tmp_path / "few")
    assert "How many groups fit?" not in [link.label for link in page.app.page_link]
    page.go("how_many")
    assert "nothing to compare" in page.text and not page.app.slider
    assert [link.label for link in page.app.page_link] == ["See the groups"]


def test_three_pictures(visit, tmp_path):
    write_images(tmp_path / "few", 3)
    page = visit().group(tmp_path / "few").go("how_many").click("Compare 2 to 3 groups").settle()
    assert page.title.startswith("No clear number of groups")
    for k in (1, 2, 3):
        page.app.slider("n_clusters").set_value(k)
        page.run()


def test_groups_leads_here_and_says_the_answer(asked):
    asked.go("groups")
    assert "How many groups fit?" in [link.label for link in asked.app.page_link]
    asked.go("how_many").click("Compare 2 to 12 groups").settle()
    said = asked.title
    asked.go("groups")
    assert f"{said}. See why" in links(asked)


def test_the_table_has_a_line_for_every_number(told):
    header, *rows = csv.reader(io.StringIO(table_csv(result()).decode()))
    assert header[0] == "k" and [row[0] for row in rows] == [str(k) for k in range(1, MOST + 1)]
    assert all(len(row) == len(header) for row in rows)
    assert rows[3][header.index("silhouette")] == str(float(result().at(4).silhouette))


def test_what_was_measured_on_a_sample_is_said(told):
    assert sample_note(result()) == "" and "sample" not in told.text
    note = sample_note(replace(result(), n_gap=100, n_silhouette=120))
    assert "of the 150 pictures" in note and "the gap statistic and the dashed line 100" in note
    assert "against 120" in note and "stability" not in note


def test_the_work_is_not_repeated(told, scores):
    job = next(job for key, job in jobs()._jobs.items() if "/k-scan/" in key)
    assert job.state is JobState.DONE
    told.go("groups").go("how_many")
    assert next(job for key, job in jobs()._jobs.items() if "/k-scan/" in key) is job
    assert scores.computed == list(range(1, MOST + 1))
