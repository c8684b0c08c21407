"""The report: whole, safe whatever pictures are called, the same each time, and nothing in it asks for anything."""

import base64
import hashlib
import io
import json
import re
import threading
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from some_groups import MEAN, all_of_it, color_of, final_groups, thumbnail, thumbnails

from imgcluster.errors import Cancelled, FolderError
from imgcluster.palette import cluster_color
from imgcluster.reporting.embedding import embedded, embedded_size
from imgcluster.reporting.gallery import N_AT_ONCE, N_SHOWN
from imgcluster.reporting.report import report_parts, write_report


class Page(HTMLParser):
    """What a browser would make of the file: tags with their attributes, text, and the contents of scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.texts, self.scripts, self._open = [], [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open = tag
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag):
        self._open = ""

    def handle_data(self, data):
        if self._open == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif self._open != "style":
            self.texts.append(data)

    def all(self, tag: str, **wanted: str) -> list[dict]:
        return [attrs for name, attrs in self.tags if name == tag and wanted.items() <= attrs.items()]

    def blocks(self) -> list[tuple[dict, dict]]:
        return [(attrs, json.loads(text)) for attrs, text in self.scripts if attrs.get("type") == "application/json"]

    @property
    def text(self) -> str:
        return "".join(self.texts)


def page_of(final, *, pictures=thumbnails, **options) -> Page:
    return Page(b"".join(report_parts(final, thumbnails=pictures, **options)).decode())


def pictures_by_image(page: Page) -> dict[int, str | None]:
    """Every picture of the page, as the address that an image element has or gets."""
    found = {int(attrs["data-image"]): attrs["src"] for attrs in page.all("img") if "data-image" in attrs}
    for attrs, block in page.blocks():
        if "data-part" in attrs:
            found |= dict(zip(block["images"], block["pictures"], strict=True))
    return found


def test_everything_is_told():
    page = page_of(all_of_it(), written="Written on 25 November 2026")
    for words in (
        "About 3 groups. The silhouette peaks at 3 (0.81).",
        "158 pictures in 3 groups, 5 of them in none, 1 file skipped.",
        "Written on 25 November 2026",
        "the file is cut off",
        "Moved 12 pictures from Dogs to Wolves",
        "Not carried over to these groups:",
        f'Name "{MEAN[1]}": the group of 5 pictures that this was done to is not there.',
        "hog(cell=8)+colour:0.3",
        "diffusion",
        "kmeans",
        "n_dims (space)",
        "n_clusters",
        "random_state",
        "name given by hand · locked · 1 is a copy",
        "name proposed",
        "Group 3",
        "In no group",
        "Silhouette",
        "Gap statistic",
        "Inertia (elbow)",
        "Pictures in each group",
    ):
        assert words in page.text
    assert [attrs["id"] for attrs in page.all("article")] == ["group-5", "group-1", "group-3", "no-group"]
    assert len(page.all("canvas")) == 1


def test_each_picture_is_there_once_and_is_the_right_one():
    final = all_of_it()
    found = pictures_by_image(page_of(final))
    assert sorted(found) == list(range(len(final.images)))
    for image in (0, 7, 129, 140, 152, 157):
        data = base64.b64decode(found[image].rpartition(",")[2])
        assert np.abs(np.subtract(Image.open(io.BytesIO(data)).getpixel((50, 50)), color_of(image))).max() < 6


def test_medoids_come_first_and_then_those_near_the_middle():
    page = page_of(all_of_it())
    shown = [int(attrs["data-image"]) for attrs in page.all("img") if "data-image" in attrs]
    assert shown[:N_SHOWN] == list(range(129, 129 - N_SHOWN, -1))
    blocks = [block for attrs, block in page.blocks() if attrs.get("data-group") == "0"]
    assert [len(block["images"]) for block in blocks] == [N_AT_ONCE, 130 - N_SHOWN - N_AT_ONCE]
    assert blocks[0]["images"][0] == 129 - N_SHOWN and blocks[-1]["images"][-1] == 0


def test_names_stay_text():
    final = all_of_it()
    page = page_of(replace(final, name=MEAN[1], sentence=MEAN[0]), written=MEAN[0])
    assert {tag for tag, attrs in page.tags if any(name.startswith("on") for name in attrs)} == set()
    assert page.all("img", src="x") == []
    running = [text for attrs, text in page.scripts if attrs.get("type") != "application/json"]
    assert len(running) == 1 and "alert(" not in running[0]
    names = next(block["names"] for attrs, block in page.blocks() if attrs.get("id") == "data")
    assert names == [image.path for image in final.images]
    assert MEAN[0] in page.text and MEAN[1] in page.text


def test_names_that_are_only_proposed_are_marked_wherever_they_are_read():
    final = replace(all_of_it(), proposals=("cat", "bird", ""))
    html = b"".join(report_parts(final, thumbnails=thumbnails)).decode()
    listed = re.findall(r'<a class="[^"]*" data-group="(-?\d)".*?</a>', html)
    marked = re.findall(r'data-group="(\d)" [^\n]*<span class="origin">proposed</span>', html)
    assert listed == ["0", "1", "2", "-1"] and marked == ["1"]
    assert "<title>bird (proposed): 20</title>" in html and "<title>Group 3: 3</title>" in html
    titles = next(block["titles"] for attrs, block in Page(html).blocks() if attrs.get("id") == "data")
    assert titles == {"-1": "No group", "0": MEAN[0], "1": "bird (proposed)", "2": "Group 3"}


def test_changes_that_were_all_lost_are_told_too():
    page = page_of(final_groups([0, 1], lost=('Name "Rome": it is not there.',)))
    assert "Changed by hand" in page.text and 'Name "Rome": it is not there.' in page.text
    assert len(page.all("ul", **{"class": "history"})) == 1 and page.all("ol", **{"class": "history"}) == []


def test_data_hold_nothing_that_ends_a_script_or_a_line():
    html = b"".join(report_parts(all_of_it(), thumbnails=thumbnails)).decode()
    for text in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', html, re.DOTALL):
        assert not set("<>&\u2028\u2029") & set(text)


def test_the_policy_allows_one_script_by_its_hash_and_no_network():
    page = page_of(all_of_it())
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    script = next(text for attrs, text in page.scripts if not attrs)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy and f"script-src 'sha256-{digest}'" in policy and "http" not in policy
    assert "unsafe" not in policy and [tag for tag, attrs in page.tags if "style" in attrs] == []
    addresses = [attrs[name] for _, attrs in page.tags for name in ("src", "href") if name in attrs]
    assert {address[:5] for address in addresses} <= {"data:", "#grou", "#no-g"}


def test_groups_have_the_colours_that_they_have_in_the_app():
    final = all_of_it()
    html = b"".join(report_parts(final, thumbnails=thumbnails)).decode()
    for article, number in zip(Page(html).all("article"), (4, 0, 2, -1), strict=True):
        color = article["class"].split()[-1]
        assert f".{color}{{--group:{cluster_color(number)}}}" in html


def test_places_keep_their_shape_and_up_stays_up():
    places = np.array([[0, 0], [4, 1], [2, 2]], dtype=np.float32)
    page = page_of(final_groups([0, 0, 0], places=places))
    data = next(block for attrs, block in page.blocks() if attrs.get("id") == "data")
    x0, y0, x1, y1, x2, y2 = data["places"]
    assert (x1 - x0, y0 - y1, x2 - x0, y0 - y2) == (10_000, 2_500, 5_000, 5_000)


def test_ids_are_unique_and_links_lead_somewhere():
    page = page_of(all_of_it())
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len({*ids})
    assert {attrs["href"][1:] for attrs in page.all("a")} <= {*ids}


def test_the_same_groups_give_the_same_bytes():
    final = all_of_it()
    assert b"".join(report_parts(final, thumbnails=thumbnails)) == b"".join(report_parts(final, thumbnails=thumbnails))


@pytest.mark.parametrize("labels", [[], [0], [-1], [-1] * 30, [0, 0, -1], list(range(2000))], ids=len)
def test_every_number_of_groups_has_a_report(labels):
    page = page_of(final_groups(labels))
    articles = max(labels, default=-1) + 1 + (-1 in labels)
    assert len(page.all("article")) == articles == len(page.all("a"))
    assert sorted(pictures_by_image(page)) == list(range(len(labels)))


def test_what_nobody_asked_for_is_not_mentioned():
    page = page_of(final_groups([0, 1], places=None))
    assert page.all("canvas") == [] and "Silhouette" not in page.text
    assert "Changed by hand" not in page.text and "Skipped" not in page.text


def test_pictures_that_are_missing_or_damaged_have_a_place():
    final = final_groups([0] * 20)
    broken = {19: None, 18: b"", 3: b"\xff\xd8\xff broken", 2: None}
    page = page_of(final, pictures=lambda images: [broken.get(image, thumbnail(image)) for image in images])
    found = pictures_by_image(page)
    assert {image for image in range(20) if found.get(image) is None} == set(broken)
    assert len(page.all("span", **{"class": "missing"})) == 2


def test_many_pictures_are_made_smaller():
    sizes = [embedded_size(n_images) for n_images in (1, 2500, 5000, 10_000, 100_000)]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] == 160 and sizes[-1] >= 48
    data = next(embedded([5], lambda images: [thumbnail(image) for image in images], size=80))
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert image.size == (80, 60)


def test_no_more_than_a_hundred_pictures_are_asked_for_at_once():
    asked = []
    page_of(final_groups([0] * 350), pictures=lambda images: asked.append(len(images)) or thumbnails(images))
    assert max(asked) <= 100 and sum(asked) == 350


def test_the_file_is_written_whole_or_not_at_all(tmp_path):
    final, out = final_groups([0] * 40), tmp_path / "report.html"
    out.write_text("the old one")
    cancel, reports = threading.Event(), []

    def stop(report):
        reports.append(report)
        if report.done == 20:
            cancel.set()

    with pytest.raises(Cancelled):
        write_report(final, out, thumbnails=thumbnails, progress=stop, cancel=cancel)
    assert out.read_text() == "the old one" and list(tmp_path.iterdir()) == [out]
    write_report(final, out, thumbnails=thumbnails, progress=reports.append)
    assert out.read_bytes() == b"".join(report_parts(final, thumbnails=thumbnails))
    assert reports[-1].done == reports[-1].total == 40
    with pytest.raises(FolderError):
        write_report(final, tmp_path / "none" / "report.html", thumbnails=thumbnails)
