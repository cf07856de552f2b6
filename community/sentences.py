"""What keeps an answer or a small act from happening, as sentences; the publisher's own codes are its own."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from publisher import sentences as publisher_sentences

SENTENCES: dict[str, Promise] = {
    "answer_empty": _("Write something first: the answer is empty."),
    "answer_not_sent": _("This answer was never handed over. Write it again."),
    "cannot_read_comments": _("Comments of this channel cannot be read by a program: open the platform."),
    "channel_likes_nothing": _("Comments of this channel cannot be liked from here."),
    "channel_takes_no_answers": _("Comments of this channel cannot be answered from here: open the platform."),
    "comment_is_ours": _("This message is ours: answer one of the comments."),
    "comment_vanished": _("The comment is no longer on the platform, so it cannot be answered there. It stays here."),
    "channel_lost": _("The channel is no longer connected. Reconnect it: what you wrote stays here."),
}


def sentence(code: str, values: Mapping[str, Any]) -> str:
    """Return the sentence of a code, in the reader's language."""
    own = SENTENCES.get(code)
    return str(own) % dict(values) if own is not None else publisher_sentences.sentence(code, values)
