from __future__ import annotations

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from components.views.answer_queue import ANSWERS, AnswerQueue


def of(kind: str) -> ForwardMsg:
    message = ForwardMsg()
    getattr(message, kind).SetInParent()
    return message


def drawn() -> ForwardMsg:
    message = ForwardMsg()
    message.delta.new_element.text.body = "drawn by the run before"
    return message


@pytest.mark.parametrize("answer", sorted(ANSWERS))
@pytest.mark.parametrize("fragments", [None, ["drawn-again"]], ids=["page", "fragment"])
def test_a_run_that_begins_drops_no_answer(answer, fragments):
    queue = AnswerQueue()
    for message in (drawn(), of(answer), of("new_session")):
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    kinds = [message.WhichOneof("type") for message in queue.flush()]
    assert kinds.count(answer) == 1 and kinds.count("new_session") == 1
    assert kinds.count("delta") == (0 if fragments is None else 1), "what the page's run before has drawn is dropped as ever"
    assert queue.is_empty()


def test_every_session_of_the_app_has_such_a_queue():
    from streamlit.runtime import app_session

    import app  # noqa: F401

    assert app_session.ForwardMsgQueue is AnswerQueue
