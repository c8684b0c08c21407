"""A repair of Streamlit: the end of one fragment's run is not spoilt by the begin of another's.

What a run no longer shows is taken from the page when the browser hears that the run has ended. Streamlit 1.67 sends
its messages in batches. When another fragment begins before the end of the first was sent (with us: the feed of
thumbnails, after each click), it rewrites that end as "stopped early, for another run", and what the first no longer
shows stays on the page: buttons and charts of before, beside those of now, until the next click.
"""

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

__all__ = ["keep_endings"]


def keep_endings() -> None:
    """Let what Streamlit drops from its queue, when a fragment begins, be of that fragment only."""
    original = ForwardMsgQueue.clear
    if getattr(original, "keeps_endings", False):
        return

    def clear(
        self: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
    ) -> None:
        beginning = set(fragment_ids_this_run or ())
        endings = [
            (message, message.script_finished)
            for message in (self._queue if beginning else ())
            if message.HasField("script_finished") and beginning.isdisjoint(message.metadata.run.fragment_ids)
        ]
        original(self, retain_lifecycle_msgs, fragment_ids_this_run)
        for message, status in endings:
            message.script_finished = status

    clear.keeps_endings = True
    ForwardMsgQueue.clear = clear
