"""Buttons hold their click also where Streamlit is told in one message of something else first."""

import pytest

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def app(run_app):
    return run_app("tests/e2e/presses_app.py")


def test_no_click_is_lost(app, open_page, settled):
    page = open_page(app.url)
    button = page.get_by_role("button", name="Act")
    other = page.get_by_role("switch", name="Other")
    for n_clicks in range(1, 6):
        other.evaluate("(other, button) => { other.click(); button.click(); }", button.element_handle())
        page.get_by_text(f"acted {n_clicks}", exact=True).wait_for(timeout=30_000)
        settled(page)
