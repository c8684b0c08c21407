"""What the browser tells together with a fragment that has left the page is not dropped with it."""

from types import SimpleNamespace

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state import SessionState

from imgcluster.ui.hearing import hear_all


def told(*, number: int, is_pressed: bool = False, fragment: str = "") -> ClientState:
    """What a browser says of a slider and a button."""
    state = ClientState(fragment_id=fragment, is_auto_rerun=bool(fragment))
    slider = state.widget_states.widgets.add(id="slider")
    slider.int_value = number
    if is_pressed:
        button = state.widget_states.widgets.add(id="button")
        button.trigger_value = True
    return state


@pytest.fixture
def asked(monkeypatch):
    """Tell a session, which last ran with 8 and still has the fragment "here"; return what Streamlit is asked for."""
    requests = []
    monkeypatch.setattr(SessionState, "on_script_will_rerun", lambda *_, **__: None)  # as if nothing were mended yet
    monkeypatch.setattr(AppSession, "request_rerun", lambda session, state: requests.append(state))
    hear_all()
    session = SimpleNamespace(has_fragment=lambda name: name == "here", _client_state=told(number=8))

    def tell(state):
        AppSession.request_rerun(session, state)
        return requests.pop()

    return tell


@pytest.mark.parametrize("news", [{"number": 9}, {"number": 8, "is_pressed": True}], ids=["value", "click"])
def test_what_else_changed_reruns_the_page(asked, news):
    request = asked(told(fragment="gone", **news))
    assert request.fragment_id == "" and not request.is_auto_rerun
    assert request.widget_states == told(**news).widget_states


@pytest.mark.parametrize(("fragment", "number"), [("gone", 8), ("here", 9), ("", 9)])
def test_all_else_is_as_it_was(asked, fragment, number):
    state = told(fragment=fragment, number=number)
    before = ClientState.FromString(state.SerializeToString())
    assert asked(state) == before


def test_no_state_is_handed_on(asked):
    assert asked(None) is None


def test_mended_once():
    hear_all()
    mended = (SessionState.on_script_will_rerun, AppSession.request_rerun)
    hear_all()
    assert (SessionState.on_script_will_rerun, AppSession.request_rerun) == mended
