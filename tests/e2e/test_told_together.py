"""A click and a change of a value hold, also where Streamlit is told in one message of something else first."""

import pytest

pytestmark = pytest.mark.e2e

BOTH = "(other, mine) => { other.click(); mine.click(); }"


@pytest.fixture(scope="module")
def app(run_app):
    return run_app("tests/e2e/told_together_app.py")


@pytest.mark.parametrize(
    ("role", "name", "shown"),
    [
        ("button", "Act", ["acted 1", "acted 2", "acted 3", "acted 4"]),
        ("switch", "Choice", ["chosen True", "chosen False"] * 2),
    ],
    ids=["click", "value"],
)
def test_nothing_is_overheard(app, open_page, settled, role, name, shown):
    page = open_page(app.url)
    mine, other = page.get_by_role(role, name=name), page.get_by_role("switch", name="Other")
    for text in shown:
        other.evaluate(BOTH, mine.element_handle())
        page.get_by_text(text, exact=True).wait_for(timeout=30_000)
        settled(page)
