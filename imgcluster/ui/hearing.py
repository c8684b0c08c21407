"""A repair of Streamlit: of widgets that change together, none is overheard.

Streamlit 1.67 gathers what its widgets say in one turn of the browser's event loop, which is long where the browser is
busy, and then reruns only the fragment of the first; nothing at all where that fragment has just left the page. In the
same turn as a request for thumbnails, or as a fragment that runs every second, a click or a move of a slider elsewhere
would change nothing.
"""

from typing import Any

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, _has_active_trigger_value
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext, get_script_run_ctx
from streamlit.runtime.state import SessionState

__all__ = ["hear_all"]


def hear_all() -> None:
    """Let the whole page run in place of some fragments where a widget outside of them has changed too."""
    begin, ask = SessionState.on_script_will_rerun, AppSession.request_rerun
    if getattr(begin, "hears_all", False):
        return

    def on_script_will_rerun(self: SessionState, fresh_widget_states: WidgetStates | None, **options: Any) -> None:
        begin(self, fresh_widget_states, **options)
        context = get_script_run_ctx()
        if fresh_widget_states is None or not (context and context.fragment_ids_this_run and context.script_requests):
            return
        if _changed_outside(self, fresh_widget_states, set(context.fragment_ids_this_run)):
            _run_whole_page(self, fresh_widget_states, context)

    def request_rerun(self: AppSession, client_state: ClientState | None) -> None:
        is_gone = client_state and client_state.fragment_id and not self.has_fragment(client_state.fragment_id)
        if is_gone and _changed_since(self._client_state.widget_states, client_state.widget_states):
            client_state.fragment_id = ""
            client_state.is_auto_rerun = False
        ask(self, client_state)

    on_script_will_rerun.hears_all = True
    SessionState.on_script_will_rerun, AppSession.request_rerun = on_script_will_rerun, request_rerun


def _changed_outside(state: SessionState, told: WidgetStates, fragments: set[str]) -> bool:
    """Whether a widget that is shown elsewhere has changed. Values that the browser told before are no change."""
    known = state._new_widget_state.widget_metadata
    elsewhere = (widget.id for widget in told.widgets if widget.id in known)
    return any(
        known[name].fragment_id not in fragments and not known[name].disabled and state._widget_changed(name)
        for name in elsewhere
    )


def _changed_since(before: WidgetStates, told: WidgetStates) -> bool:
    """Whether a widget says something else than at the end of the last run."""
    last = {widget.id: widget for widget in before.widgets}
    return any(
        widget != last[widget.id] if widget.id in last else _has_active_trigger_value(widget) for widget in told.widgets
    )


def _run_whole_page(state: SessionState, told: WidgetStates, context: ScriptRunContext) -> None:
    """Ask for a run of the whole page; Streamlit looks for such a wish before the fragments begin.

    Values are kept until then, clicks must be given along. Callbacks have been called, and are not called again.
    """
    context.script_requests.request_rerun(
        RerunData(
            query_string=context.query_string,
            page_script_hash=context.page_script_hash,
            cached_message_hashes=context.cached_message_hashes,
            context_info=context.context_info,
            replay_trigger_states=state._filter_active_trigger_widget_states(told),
        )
    )
