"""Answers to the browser that a new run of the page does not drop.

When a run of a page begins, Streamlit (1.67) empties the session's queue of messages that were not sent yet. It keeps what
tells of runs, but not the answers to what the browser has asked beside them: a file to download, where an upload goes, more
rows of a table. A click on a download button that also closes a popover or commits a number begins a run, and the answer may
be dropped: the button then turns for three minutes, and no file comes.
"""

from __future__ import annotations

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

ANSWERS = frozenset({"backend_operation_response", "file_urls_response"})
"""The messages that the browser waits for by their request's id."""


class AnswerQueue(ForwardMsgQueue):
    """A session's messages that are not sent yet; a run that begins clears it of all but its answers and what tells of runs."""

    def clear(self, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None) -> None:
        """Empties the queue. `retain_lifecycle_msgs` is set where a run begins, and `fragment_ids_this_run` where it is one of
        fragments, which drops no answer anyway.
        """
        answers: list[ForwardMsg] = []
        if retain_lifecycle_msgs and fragment_ids_this_run is None:
            for message in self.flush():
                if message.WhichOneof("type") in ANSWERS:
                    answers.append(message)
                else:
                    self.enqueue(message)
        super().clear(retain_lifecycle_msgs, fragment_ids_this_run)
        for answer in answers:
            self.enqueue(answer)


def keep_answers() -> None:
    """Gives sessions that begin from now on such a queue."""
    app_session.ForwardMsgQueue = AnswerQueue  # type: ignore[misc]
