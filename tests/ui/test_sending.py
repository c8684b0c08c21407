"""What a run has drawn, and its end, reach the browser as they were, whatever fragment begins before they are sent."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from imgcluster.ui.sending import send_all

EARLY = ForwardMsg.FINISHED_EARLY_FOR_RERUN
PAGE, FRAGMENT = ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


def drawn(text: str) -> ForwardMsg:
    """What the fragment "screen" draws in its one place."""
    message = ForwardMsg()
    message.metadata.delta_path.extend([0, 0])
    message.delta.fragment_id = "screen"
    message.delta.new_element.markdown.body = text
    return message


def told(queue: ForwardMsgQueue) -> list[str | int]:
    """What is sent: the texts that are drawn, and how runs ended."""
    return [
        message.script_finished if message.HasField("script_finished") else message.delta.new_element.markdown.body
        for message in queue.flush()
    ]


@pytest.fixture(params=[(PAGE, []), (FRAGMENT, ["screen"])], ids=["page", "fragment"])
def ending(request):
    return request.param


@pytest.fixture
def queue(monkeypatch, ending):
    """A queue in which a run of the page, or of the fragment alone, has drawn the fragment and ended."""
    monkeypatch.setattr(ForwardMsgQueue, "clear", ForwardMsgQueue.clear)  # put back after the test
    send_all()
    queue, ended = ForwardMsgQueue(), ForwardMsg()
    ended.script_finished, fragments = ending
    ended.metadata.run.fragment_ids.extend(fragments)
    queue.enqueue(drawn("first"))
    queue.enqueue(ended)
    return queue


@pytest.mark.parametrize("beginning", [["screen"], ["thumbnails"], ["thumbnails", "screen"]], ids=",".join)
def test_a_fragment_leaves_what_waits(queue, ending, beginning):
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=beginning)
    queue.enqueue(drawn("second"))
    assert told(queue) == ["first", ending[0], "second"]


def test_within_a_run_the_last_of_a_place_is_sent(queue, ending):
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["screen"])
    queue.enqueue(drawn("second"))
    queue.enqueue(drawn("third"))
    assert told(queue) == ["first", ending[0], "third"]


def test_a_run_of_the_page_draws_all_anew(queue):
    queue.clear(retain_lifecycle_msgs=True)
    queue.enqueue(drawn("second"))
    assert told(queue) == [EARLY, "second"]


def test_without_a_run_all_is_dropped(queue):
    queue.clear()
    assert queue.is_empty()


def test_repaired_once(queue):
    repaired = ForwardMsgQueue.clear
    send_all()
    assert ForwardMsgQueue.clear is repaired
