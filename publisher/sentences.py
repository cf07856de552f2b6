"""Every code that an adapter, the clock or the outbox may return, as a sentence: what, why, what is safe, what to do."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

SENTENCES: dict[str, "str | Promise"] = {
    # Signing in
    "token_refused": _(
        "The platform no longer accepts the connection. Reconnect the channel and try again: the posts stay here."
    ),
    "key_refused": _("The server does not accept this key. Copy it again, whole and alone, or make a new one there."),
    "token_unreadable": _(
        "The key that opens this connection is missing here. Reconnect the channel: the posts stay here."
    ),
    "token_malformed": _("This does not look like an access key. Copy it again from the platform, whole and alone."),
    "scope_missing": _(
        "The access key is not allowed to do this. Make one that can read and write, and reconnect the channel: the posts stay here."
    ),
    "account_disabled": _(
        "The platform has closed or not yet confirmed this account. Look at the account there, then reconnect the channel."
    ),
    "other_account": _(
        "This key opens another account. Reconnect with the account of this channel, or connect the other one as a new channel."
    ),
    "server_moved": _(
        "The server has moved to another address. Connect the channel again with the new one: the posts stay here."
    ),
    "channel_ended": _("The channel was disconnected. Connect it again and give the post a new time: it stays here."),
    "channel_lost": _("The channel has to be reconnected first. Reconnect it and try again: the post stays here."),
    "token_expired": _("The sign-in had expired. Nothing was sent: we renew it and try again automatically."),
    "app_password_malformed": _(
        "This is not an app password: those look like abcd-efgh-ijkl-mnop. Never give away the account’s main password, not even here."
    ),
    "app_password_refused": _("The server does not accept this app password. Make a new one there, and copy it whole."),
    "app_password_needed": _(
        "This account asks for a second factor, as it should. Make an app password for us in its settings, and use that."
    ),
    "handle_malformed": _("This is not the name of an account. Write it like valdoro.bsky.social, without a space."),
    "handle_unknown": _("Nobody has this name. Check the spelling: the whole name, with its dots."),
    "handle_not_claimed": _("The account that this name leads to does not claim it. Look at the account there, and use its current name."),
    "account_unknown": _("This account has no server that we can find. Check whether it still exists."),
    # Reaching a server
    "address_malformed": _("This is not the address of a server. Write it like social.example.org."),
    "server_not_reached": _(
        "We found no server of this kind at this address. Check the spelling. A server in your own network has to be "
        "allowed by whoever runs this installation."
    ),
    "server_silent": _("The server does not answer. Nothing was sent: we try again automatically until its time has passed."),
    "server_busy": _("The server is overloaded or being repaired. Nothing was sent: we try again automatically."),
    "rate_limited": _(
        "The platform asks us to wait, because this account has been very busy. We try again automatically."
    ),
    # What a platform refuses
    "text_empty": _("There is no text and no picture. Write something."),
    "text_too_long": _("The text has more characters than the platform accepts. Shorten it."),
    "media_type": _("The platform does not accept this kind of file. Use a JPEG or PNG picture."),
    "media_mixed": _("A video stands alone here: remove the other files, or the video."),
    "media_too_large": _("A file is larger than the platform accepts. Use a smaller one."),
    "media_too_many_pixels": _("A picture has more pixels than the platform accepts. Use a smaller one."),
    "media_refused": _("The platform could not read a file. Save it again as JPEG or PNG and add it once more."),
    "too_many_media": _("The post has more pictures than the platform accepts. Remove some."),
    "picture_needed": _("This platform publishes no post without a picture. Add one."),
    "alt_too_long": _("The description of a picture has more characters than the platform accepts. Shorten it."),
    "alt_missing": _("A picture has no description. People who cannot see it will not know what it shows."),
    "visibility_unknown": _("This platform does not offer this visibility. Choose another one."),
    "language_unknown": _("This is not a language code. Write it like it or en."),
    "reply_target_missing": _("It is not said what this answers."),
    "reply_target_gone": _("What this answers is no longer there. The answer stays here and was not sent."),
    "text_too_many_bytes": _("The text is too long for the platform in bytes, though not in characters. Shorten it."),
    "reply_rule_unknown": _("The platform does not offer this rule for who may answer. Choose another one."),
    "card_one_picture": _("A link card takes one picture. Remove the others, or show the pictures instead of the card."),
    "mention_unknown": _("A name mentioned in the text belongs to nobody. It goes out as plain text."),
    "name_taken": _("Under the name of this post something else is out already. Nothing was sent: copy the post and schedule the copy."),
    "record_changed": _("Somebody changed this at the same moment. Nothing was sent: we try again automatically."),
    "not_allowed": _("The platform does not let this account do that. Look at the account there."),
    "not_found": _("The platform does not find what this is about. It may have been deleted there."),
    "refused": _(
        "The platform refused the post without saying exactly why. Look at text and pictures, then try again: it stays here."
    ),
    "post_gone": _("The post is no longer on the platform: somebody deleted it there."),
    "watchers_unknown": _("This server knows nobody who takes reports. Report it in the platform’s own app."),
    "index_behind": _("The network has not taken this post in yet. We look again automatically."),
    "not_our_thread": _("This is under somebody else’s post. Only whoever wrote that post can hide answers there."),
    "comment_gone": _("The comment is no longer on the platform. What we read stays here."),
    # Preparing
    "media_processing": _(
        "The platform is still working through the files. Nothing was sent: we try again automatically."
    ),
    "prepared_stale": _("The uploaded files had expired. Nothing was sent: we upload them again automatically."),
    "unprepared": _("The files are not uploaded yet. Nothing was sent: we try again automatically."),
    # Doubt
    "answer_lost": _(
        "The connection broke before the platform answered. We do not know whether it went out. We check before trying again."
    ),
    "answer_unreadable": _(
        "The platform answered something unreadable. We do not know whether it went out. We check before trying again."
    ),
    "server_error": _(
        "The platform failed while it was publishing. We do not know whether it went out. We check before trying again."
    ),
    "perhaps_out_already": _("It may be out already. We do not know for sure. We check before trying again."),
    "process_died": _(
        "The program stopped while it was sending. We do not know whether it went out. We check before trying again."
    ),
    "still_unknown": _(
        "We do not know whether it went out, and could not make sure by ourselves. Look at the channel and say whether it is out."
    ),
    # The clock and the outbox
    "window_passed": _(
        "The time passed before it could go out. Nothing was sent. Choose a new time: the post stays here."
    ),
    "window_passed_stopped": _(
        "The time passed while outgoing posts were stopped. Nothing was sent. Choose a new time: the post stays here."
    ),
    "seal_broken": _(
        "What waited here is no longer what was approved. Nothing was sent. Send the post for approval again."
    ),
    "file_gone": _(
        "A file of this post is missing on our side. Nothing was sent. Add the picture again and send the post for approval."
    ),
    "stopped": _("Outgoing posts are stopped. It stays here until somebody lifts the stop."),
    "late": _("It could not leave within a second of its time. Nothing was sent: we try again automatically."),
    "stops_unread": _("We could not make sure that nothing is stopped. Nothing was sent: we try again automatically."),
    "internal_error": _(
        "Something failed on our side. The post stays here, and whoever runs this installation finds the details in the log."
    ),
}

UNNAMED = _("Something went wrong, and we cannot say more exactly what. The post stays here.")


def sentence(code: str, values: Mapping[str, Any]) -> str:
    """Return the sentence of a code in the reader's language, with numbers where there are some."""
    counted = COUNTED.get(code)
    if counted and isinstance(values.get("over"), int):
        return counted(values["over"]) % {"over": values["over"], "limit": values.get("limit", "?")}
    return str(SENTENCES.get(code, UNNAMED))


def _of_text(over: int) -> str:
    return ngettext(
        "%(over)d character too many, of %(limit)s allowed. Shorten the text.",
        "%(over)d characters too many, of %(limit)s allowed. Shorten the text.",
        over,
    )


def _of_alt(over: int) -> str:
    return ngettext(
        "%(over)d character too many in the description of a picture, of %(limit)s allowed. Shorten it.",
        "%(over)d characters too many in the description of a picture, of %(limit)s allowed. Shorten it.",
        over,
    )


def _of_media(over: int) -> str:
    return ngettext(
        "%(over)d picture too many, of %(limit)s allowed. Remove it.",
        "%(over)d pictures too many, of %(limit)s allowed. Remove them.",
        over,
    )


COUNTED = {"text_too_long": _of_text, "alt_too_long": _of_alt, "too_many_media": _of_media}
