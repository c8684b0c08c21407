"""A repair of Streamlit: what a run has shown is sent, also where a fragment begins to run before it was.

Streamlit 1.67 sends its messages in batches. When a fragment begins to run, it drops what that fragment drew before and
was not sent yet, also where a run of the whole page drew it, whose end it sends all the same. The browser takes from a
page what it has not heard of until the end of a run: the map of the groups went, and came back without its zoom. The
end of another fragment's run it sends as "stopped early", and what that no longer showed stayed on the page.
"""

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

__all__ = ["send_all"]


def send_all() -> None:
    """Let a fragment that begins to run leave what waits to be sent as it is."""
    original = ForwardMsgQueue.clear
    if getattr(original, "leaves_all", False):
        return

    def clear(
        self: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
    ) -> None:
        if retain_lifecycle_msgs and fragment_ids_this_run:
            self._delta_index_map = {}  # nor is anything of the new run put in the place of what waits
        else:
            original(self, retain_lifecycle_msgs, fragment_ids_this_run)

    clear.leaves_all = True
    ForwardMsgQueue.clear = clear
