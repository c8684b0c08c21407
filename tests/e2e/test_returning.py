"""What was shown shortly before is shown again, however late the browser hears that the runs in between have ended."""

import pytest

pytestmark = pytest.mark.e2e

HEAR_LATE = """
    const listen = WebSocket.prototype.addEventListener;
    WebSocket.prototype.addEventListener = function (kind, hear, ...more) {
        const late = (event) => setTimeout(() => hear.call(this, event), 500);
        listen.call(this, kind, kind === "message" ? late : hear, ...more);
    };
"""


@pytest.fixture(scope="module")
def app(run_app):
    return run_app("tests/e2e/returning_app.py")


def test_a_choice_is_shown_again(app, open_page, settled):
    """Streamlit lets the browser keep long texts for two runs; one just thrown away must not be asked for."""
    page = open_page(app.url, prepare=lambda page: page.add_init_script(HEAR_LATE))
    text = page.get_by_test_id("stText")
    text.filter(has_text="first").wait_for()
    settled(page)
    page.get_by_text("second", exact=True).click()
    text.filter(has_text="second").wait_for()
    settled(page)
    page.get_by_text("third", exact=True).click()
    page.wait_for_timeout(250)  # it has run by now, and the page has not heard of it
    page.get_by_text("first", exact=True).click()
    text.filter(has_text="first").wait_for(timeout=30_000)
