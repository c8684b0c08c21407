"""The end of one fragment's run reaches the browser as it was, whatever begins before it is sent."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from imgcluster.ui.endings import keep_endings

EARLY, WHOLE = ForwardMsg.FINISHED_EARLY_FOR_RERUN, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


@pytest.fixture
def queue(monkeypatch):
    """A queue in which the run of the fragment "screen" has drawn one element and ended."""
    monkeypatch.setattr(ForwardMsgQueue, "clear", ForwardMsgQueue.clear)  # put back after the test
    keep_endings()
    queue = ForwardMsgQueue()
    drawn, ended = ForwardMsg(), ForwardMsg()
    drawn.delta.fragment_id = "screen"
    drawn.delta.new_element.markdown.body = "drawn"
    ended.script_finished = WHOLE
    ended.metadata.run.fragment_ids.append("screen")
    queue.enqueue(drawn)
    queue.enqueue(ended)
    return queue


def test_another_fragment_spoils_nothing(queue):
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["thumbnails"])
    drawn, ended = queue.flush()
    assert drawn.delta.new_element.markdown.body == "drawn"
    assert ended.script_finished == WHOLE


@pytest.mark.parametrize("beginning", [["screen"], ["thumbnails", "screen"], None], ids=["itself", "both", "page"])
def test_what_draws_the_same_again_ends_it_early(queue, beginning):
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=beginning)
    (ended,) = queue.flush()
    assert ended.script_finished == EARLY


def test_without_a_run_all_is_dropped(queue):
    queue.clear()
    assert queue.is_empty()


def test_repaired_once(queue):
    repaired = ForwardMsgQueue.clear
    keep_endings()
    assert ForwardMsgQueue.clear is repaired
