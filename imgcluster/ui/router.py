"""The frame around every screen: who may see it, which screens there are, and what this session looks at.

Until some session has passed through app.py, Streamlit runs a file of ``pages/`` bare when its address is opened first.
So every page begins with `ensure_frame`, which then runs the frame, and the frame runs the page.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from imgcluster.ui.access import HOSTED_VARIABLE, hosted, refusal
from imgcluster.ui.hearing import hear_all
from imgcluster.ui.project.session import current_source
from imgcluster.ui.sending import send_all
from imgcluster.ui.state import publish

__all__ = ["SCREENS", "Screen", "ensure_frame", "page_of", "run"]

# A picture of our own: Streamlit fetches the drawings of other icons for a tab from a server elsewhere.
_ICON = Path(__file__).parent / "assets" / "icon.png"
# Dark, the theme's primary colour must be light to be read as text, and Streamlit writes white on it all the same.
_PRIMARY_BUTTONS = """<style>
[data-testid="stBaseButton-primary"] { background: #2f5bd0; border-color: #2f5bd0; }
[data-testid="stBaseButton-primary"]:hover { background: #2850bb; border-color: #2850bb; }
</style>"""
_PAGES = Path(__file__).resolve().parents[2] / "pages"
_frame: ContextVar[bool] = ContextVar("imgcluster_frame", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One screen: its script in ``pages/``, and what the navigation says about it."""

    name: str
    title: str
    icon: str
    help: str


SCREENS = (
    Screen(
        name="pictures",
        title="Pictures",
        icon=":material/photo_library:",
        help="Choose a sample, a folder of your own or a ZIP file; see what was found; start.",
    ),
    Screen(
        name="groups",
        title="Groups",
        icon=":material/workspaces:",
        help="The map of your pictures and one row of pictures for each group. Choose how many groups.",
    ),
    Screen(
        name="how_many",
        title="How many groups",
        icon=":material/insights:",
        help="Compare numbers of groups: which one fits, why, and what the pictures look like at each.",
    ),
    Screen(
        name="tree",
        title="Tree",
        icon=":material/account_tree:",
        help="From coarse to fine: the tree of your pictures, with a cut that you move.",
    ),
    Screen(
        name="compare",
        title="Compare",
        icon=":material/compare:",
        help="Two ways to group the same pictures, or your own folders against the groups.",
    ),
    Screen(
        name="find",
        title="Find",
        icon=":material/image_search:",
        help="The pictures most like any picture, also a new one, and where that belongs.",
    ),
    Screen(
        name="tidy",
        title="Tidy",
        icon=":material/cleaning_services:",
        help="Copies, odd ones out, and pictures that are blurred or too dark.",
    ),
    Screen(
        name="export",
        title="Export",
        icon=":material/ios_share:",
        help="Take the groups away: tables, folders, a ZIP file, a report, contact sheets, a project, a model.",
    ),
)


def run() -> None:
    """Run the frame and, in it, the screen that the address names."""
    send_all()
    hear_all()
    st.set_page_config(page_title="imgcluster", page_icon=_ICON, layout="wide")
    if not hosted():
        reason = refusal(st.context.ip_address, st.context.headers.get("Host"))
        if reason is not None:
            _refuse(reason)
    st.html(_PRIMARY_BUTTONS)
    st.logo(_ICON, size="medium")
    page = st.navigation([page_of(screen.name) for screen in SCREENS], position="top")
    current_source()
    token = _frame.set(True)
    try:
        page.run()
    finally:
        _frame.reset(token)
        publish(key="address")


def ensure_frame() -> None:
    """Begin every page with this: where no frame runs the page, run the frame instead and end."""
    if not _frame.get():
        run()
        st.stop()


def page_of(name: str) -> st.Page:
    """Return Streamlit's page of one of the `SCREENS`, for links."""
    screen = next(screen for screen in SCREENS if screen.name == name)
    return st.Page(
        _PAGES / f"{screen.name}.py",
        title=screen.title,
        icon=screen.icon,
        help=screen.help,
        default=screen is SCREENS[0],
    )


def _refuse(reason: str) -> None:
    st.title("Only on this computer", anchor=False)
    st.markdown(reason)
    st.markdown(
        "Open **localhost** with the same port on the computer where it was started. To host it for others on "
        f"purpose, start it with the environment variable `{HOSTED_VARIABLE}=1`: visitors then see samples and their "
        "own uploads, and no file of the computer."
    )
    st.stop()
