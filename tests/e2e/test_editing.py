"""Groups changed by hand in a real browser: named, merged, split, moved; all undone; and still there the next day."""

import contextlib

import pytest
from map_driver import MAP, chosen, inner_dot, lasso, until
from screens import DIALOG, GALLERY, STRIP, are_loaded, is_detailed, is_drawn, violations

pytestmark = pytest.mark.e2e

SCRIPT = "<img src=x onerror=alert(1)>"
NAMES = f"{STRIP} .name"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache of its own: what is changed here must not be seen by other tests."""
    return {"IMGCLUSTER_CACHE": str(tmp_path_factory.mktemp("edited"))}


@pytest.fixture(scope="module")
def app(run_app, cache, browser):
    """The app with a sample grouped, which takes a while when the machine is busy."""
    app = run_app("app.py", env=cache)
    page = browser.new_page()
    page.goto(f"{app.url}/groups?c=dots&k=6")
    page.locator(STRIP).first.wait_for(timeout=300_000)
    is_detailed(page)
    page.close()
    return app


@pytest.fixture
def groups(app, open_page):
    page = open_page(f"{app.url}/groups?c=dots&k=6")
    is_drawn(page)
    is_detailed(page)
    undo_all(page)
    until(page, names, [f"Group {number}" for number in range(1, 7)])
    return page


def names(page) -> list[str]:
    return page.locator(NAMES).all_inner_texts()


def sizes(page) -> list[int]:
    return [int(text.split()[0]) for text in page.locator(f"{STRIP} .size").all_inner_texts()]


def edit(page, name: str):
    page.get_by_role("button", name=f"Edit {name}", exact=True).click()
    dialog = page.locator(DIALOG)
    dialog.get_by_text("pictures").first.wait_for()
    return dialog


def rename(page, name: str, new: str) -> None:
    dialog = edit(page, name)
    dialog.get_by_label("Name", exact=True).fill(new)
    dialog.get_by_role("button", name="Save name").click()
    dialog.wait_for(state="detached")
    until(page, lambda page: new in names(page), True)


def wait_for_script(page) -> None:
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']")


def undo_all(page) -> None:
    """Undo until the button is disabled, which it is a moment after the click that undoes the last change."""
    from playwright.sync_api import Error as ReplacedError

    undo = page.get_by_role("button", name="Undo")
    undo.first.wait_for()
    while True:
        wait_for_script(page)
        until(page, lambda page: undo.count(), 1)  # while the page runs, that of the last run is there too
        if undo.is_disabled():
            return
        with contextlib.suppress(ReplacedError):
            undo.click(timeout=2_000)
        page.wait_for_timeout(200)  # a click that comes while the last one is answered does the same


def choose(page, box, option: str) -> None:
    """Choose from a list; it closes when what is around it is drawn anew, and is opened again then."""
    from playwright.sync_api import Error as ClosedError

    entry = page.get_by_role("option", name=option)
    for tries_left in reversed(range(10)):
        page.wait_for_timeout(500)
        wait_for_script(page)
        box.evaluate("box => box.scrollIntoView({ block: 'center' })")  # nor is it open when a click must scroll first
        try:
            box.click(timeout=10_000)
            entry.click(timeout=10_000)
            return
        except ClosedError:
            if not tries_left:
                raise


def test_name_merge_split_move_and_undo_it_all(groups, app, open_page, run_app, cache):
    page = groups
    start = sizes(page)

    rename(page, "Group 2", SCRIPT)
    assert page.locator(NAMES).nth(1).inner_text() == SCRIPT
    assert page.locator(NAMES).nth(1).evaluate("node => node.childElementCount") == 0

    dialog = edit(page, "Group 4")
    dialog.get_by_text("Merge with others").click()
    choose(page, dialog.get_by_role("combobox"), f"{SCRIPT} ({start[1]})")
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Merge into one").click()
    dialog.wait_for(state="detached")
    until(page, names, ["Group 1", "Group 3", SCRIPT, "Group 5", "Group 6"])
    assert sizes(page)[2] == start[1] + start[3]

    dialog = edit(page, "Group 1")
    dialog.get_by_text("Split", exact=True).click()
    dialog.get_by_text("Where the tree divides it").click()
    dialog.get_by_role("button", name="Split into 2").click()
    dialog.wait_for(state="detached")
    until(page, lambda page: len(names(page)), 6)
    assert names(page)[-1] == "Group 7"

    page.locator(MAP).evaluate("map => map.scrollIntoView({ block: 'center' })")
    lasso(page, around=inner_dot(page))
    until(page, lambda page: len(chosen(page)) > 0, True)
    n_chosen = len(chosen(page))
    page.get_by_text(f"{n_chosen} pictures selected").wait_for()
    choose(page, page.get_by_role("combobox", name=f"Move {n_chosen} pictures to"), "A new group")
    page.get_by_role("button", name="Move", exact=True).click()
    page.get_by_role("button", name="Back to all groups").click()
    until(page, lambda page: "Group 8" in names(page) and sizes(page)[names(page).index("Group 8")], n_chosen)
    changed = names(page), sizes(page)

    page.reload()
    is_drawn(page)
    until(page, lambda page: (names(page), sizes(page)), changed)
    page.close()

    again = open_page(f"{run_app('app.py', env=cache).url}/groups?c=dots&k=6")  # the next day
    is_drawn(again)
    until(again, lambda page: (names(page), sizes(page)), changed)
    again.get_by_role("button", name="History").click()
    again.get_by_text(f'Named Group 2 "{SCRIPT}"').wait_for()
    again.keyboard.press("Escape")
    undo_all(again)
    until(again, lambda page: (names(page), sizes(page)), ([f"Group {number}" for number in range(1, 7)], start))


def test_pictures_are_chosen_quickly_and_by_range(groups):
    page = groups
    page.locator(f"{STRIP} .all").nth(1).click()
    page.get_by_text("Select", exact=True).wait_for()
    wait_for_script(page)  # until then the switch of the last run may be there too
    page.get_by_text("Select", exact=True).click()
    pictures = page.locator(".imgcluster-gallery.choosing .picture")
    pictures.first.wait_for()
    for place in (0, 1, 2, 4):  # faster than the server answers
        pictures.nth(place).click()
    pictures.nth(9).click(modifiers=["Shift"])
    pictures.nth(1).click()
    page.get_by_text("Move 8 pictures to").wait_for()
    pressed = page.locator(".imgcluster-gallery .picture[aria-pressed='true']")
    until(page, lambda page: pressed.count(), 8)
    page.get_by_role("button", name="None").click()
    until(page, lambda page: pressed.count(), 0)


def test_a_picture_that_may_not_belong_is_confirmed_with_one_key(groups):
    page = groups
    page.get_by_role("button", name="May not belong").click()
    page.get_by_role("button", name="It belongs").wait_for()
    listed = page.locator(f".imgcluster-gallery[aria-label='Pictures that may not belong'] {GALLERY.split()[1]}")
    listed.first.wait_for()
    before = listed.count()
    page.keyboard.press("b")
    until(page, lambda page: listed.count(), before - 1)
    page.get_by_role("button", name="Ask again").click()
    until(page, lambda page: listed.count(), before)


def test_names_are_proposed_and_taken(groups):
    page = groups
    page.get_by_text("Proposed: squares").wait_for()
    page.get_by_role("button", name="Names").click()
    page.get_by_role("button", name="Take all proposed names").click()
    until(page, lambda page: "squares" in names(page), True)
    page.keyboard.press("Escape")
    undo_all(page)
    page.get_by_text("Proposed: squares").wait_for()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_editing_is_accessible(app, open_page, settled, dark, width):
    page = open_page(f"{app.url}/groups?c=dots&k=6", dark=dark, width=width)
    is_drawn(page)
    is_detailed(page)
    edit(page, "Group 1").get_by_text("Split", exact=True).click()
    page.get_by_role("button", name="Split into 2").wait_for()
    are_loaded(page.locator(DIALOG).locator(GALLERY))
    found = violations(page, settled)
    page.keyboard.press("Escape")
    page.locator(DIALOG).wait_for(state="detached")
    page.get_by_role("button", name="May not belong").click()
    page.get_by_role("button", name="It belongs").wait_for()
    found += violations(page, settled)
    page.get_by_role("button", name="Back to all groups").click()
    page.locator(f"{STRIP} .all").nth(1).click()
    page.get_by_text("Select", exact=True).wait_for()
    settled(page)  # until then the switch of the last run may be there too
    page.get_by_text("Select", exact=True).click()
    page.locator(".imgcluster-gallery.choosing .picture").first.click()
    page.get_by_text("Move 1 picture to").wait_for()
    found += violations(page, settled)
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    assert found == []


def test_nothing_went_wrong_on_the_server(app):
    assert "Traceback" not in app.log.read_text()
