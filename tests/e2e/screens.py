"""What the browser tests of the screens share: what is there, and whether everybody can use it."""

import pytest
from map_driver import MAP

STRIP, GALLERY, DIALOG = ".imgcluster-strips .strip", ".imgcluster-gallery .picture", "[role=dialog]"
# What an app cannot change in Streamlit's own parts: axe's name of the rule, and what tells the element.
STREAMLITS_OWN = {
    "presentation-role-conflict": 'data-testid="stFileUploaderDropzone"',  # a name in spite of its role
}


def is_drawn(page):
    page.wait_for_selector(f"{MAP}.js-plotly-plot", timeout=90_000)
    page.locator(STRIP).first.wait_for()


def is_detailed(page):
    """The detailed map is there: nothing moves under the pointer any more."""
    page.get_by_text("a first sketch is shown").wait_for(state="detached", timeout=300_000)


def are_loaded(pictures):
    """All of these show their picture, once they are in view."""
    pictures.last.scroll_into_view_if_needed()
    pictures.first.scroll_into_view_if_needed()
    pictures.first.page.wait_for_function(
        "buttons => buttons.every(({ firstElementChild: image }) => image.src.startsWith('blob:') && image.complete)",
        arg=pictures.element_handles(),
        timeout=90_000,
    )


def violations(page, settled) -> list[str]:
    """What axe finds on a page that has run to its end."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    settled(page)
    page.mouse.move(2, 2)  # from a button whose tooltip, which is Streamlit's own, takes its time to go
    page.wait_for_function("!document.querySelector('.stTooltipContent')")
    page.wait_for_function(  # our own style comes a moment after the buttons
        "[...document.querySelectorAll('style')].some((style) => style.textContent.includes('stBaseButton-primary'))"
    )
    found = axe.Axe().run(page).response["violations"]
    nodes = [(violation["id"], node["html"]) for violation in found for node in violation["nodes"]]
    return [f"{rule}: {html[:300]}" for rule, html in nodes if STREAMLITS_OWN.get(rule, html + "?") not in html]
