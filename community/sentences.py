"""What keeps an answer or a small act from happening, as sentences; the publisher's own codes are its own."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from publisher import sentences as publisher_sentences

REASONS: dict[str, Promise] = {
    "spam": _("Advertising or spam"),
    "rude": _("Insults or harassment"),
    "misleading": _("Deception or a false identity"),
    "sexual": _("Sexual content"),
    "violation": _("Against the law or the platform’s rules"),
    "other": _("Something else"),
}
SENTENCES: dict[str, Promise] = {
    "answer_empty": _("Write something first: the answer is empty."),
    "answer_not_sent": _("This answer was never sent. Write it again."),
    "cannot_read_comments": _("Comments of this channel cannot be read automatically: open the platform."),
    "act_given_up": _("The platform could not be reached for a day, so this was given up. Nothing was done: try again."),
    "act_on_its_way": _("Something of this kind is on its way already. One moment, then ask again."),
    "channel_cannot_do_this": _("This channel’s platform does not offer that. Open the comment there."),
    "channel_takes_no_answers": _("Comments of this channel cannot be answered from here: open the platform."),
    "comment_is_ours": _("This message is ours: answer one of the comments."),
    "comment_vanished": _("The comment is no longer on the platform, so it cannot be answered there. It stays here."),
    "reason_missing": _("Say what the report is about."),
    "report_empty": _("Write what is wrong with it: people at the platform read this."),
    "reported_already": _("This comment has already been reported. A second report would not help."),
    "rule_missing": _("Say which house rule it breaks: hiding needs one, and it is kept with the comment."),
    "words_too_long": _("At most 300 characters, please."),
    "channel_lost": _("The channel is no longer connected. Reconnect it: what you wrote stays here."),
}


def sentence(code: str, values: Mapping[str, Any]) -> str:
    """Return the sentence of a code, in the reader's language."""
    own = SENTENCES.get(code)
    return str(own) % dict(values) if own is not None else publisher_sentences.sentence(code, values)
