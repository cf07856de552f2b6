"""How the client is spoken to: tu or Lei, as the brand wishes. Every sentence that addresses the person stands here."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext

from accounts.models import Brand
from accounts.models.brand import FormOfAddress
from calendar_app.refusals import (
    AlreadyDecided,
    AlreadyOut,
    NotYours,
    Refusal,
    StaleRevision,
    TooLate,
    WordsMissing,
)


def is_formal(brand: Brand) -> bool:
    """Tell whether the brand’s people are addressed with Lei."""
    return brand.form_of_address == FormOfAddress.LEI


def voice_for(brand: Brand) -> dict[str, str]:
    """Return the sentences of the client’s page in the brand’s form of address."""
    return _lei() if is_formal(brand) else _tu()


def refusal_words(refusal: Refusal, brand: Brand) -> str:
    """Return why something was not done, in the brand’s form of address."""
    say = voice_for(brand)
    names: dict[type[Refusal], str] = {
        StaleRevision: "stale",
        TooLate: "too_late",
        AlreadyDecided: "already_decided",
        AlreadyOut: "already_out",
        NotYours: "not_yours",
        WordsMissing: "words_missing",
    }
    name = names.get(type(refusal))
    return say[name] if name else refusal.words()


def redate_words(brand: Brand, seconds: int) -> str:
    """Return how far an hour may move after the answer: it is part of what is approved, so it is said before."""
    if not seconds:
        return ""
    hours = -(-seconds // 3600)
    tu = ngettext(
        "If need be the agency may move a post by up to %(n)d hour without asking you again; you then see both times here.",
        "If need be the agency may move a post by up to %(n)d hours without asking you again; you then see both times here.",
        hours,
    )
    lei = npgettext(
        "lei",
        "If need be the agency may move a post by up to %(n)d hour without asking you again; you then see both times here.",
        "If need be the agency may move a post by up to %(n)d hours without asking you again; you then see both times here.",
        hours,
    )
    return (lei if is_formal(brand) else tu) % {"n": hours}


def _tu() -> dict[str, str]:
    return {
        "hello": _("Hello, %(name)s"),
        "intro": _(
            "For each one you can approve, ask for a change or refuse. Until you approve, nothing is published."
        ),
        "intro_one": _("You can approve it, ask for a change or refuse it. Until you approve, it is not published."),
        "needed": _("We need your answers by"),
        "all_done": _("Thank you: you have answered for all of them. You can come back here at any time."),
        "nothing_now": _("There is nothing for you to decide right now. We will write to you when there is."),
        "time_over": _("The time to answer is over. You can still read, and stop what is approved."),
        "read_only": _("This link is for reading: you cannot decide with it."),
        "saved": _("Decisions are saved at once; you can come back whenever you like."),
        "what_different": _("What would you like to be different?"),
        "why_refuse": _("Why should it not go out?"),
        "withdraw_means": _(
            "If you withdraw your approval, this post does not go out. The agency is told at once and sends it to you again once it is corrected."
        ),
        "stop_means": _(
            "If you stop it, nothing of this post goes out until you lift the stop. Your approval stays."
        ),
        "lift_means": _("This post is stopped. Nothing of it goes out until you lift the stop."),
        "same_again": _("It is exactly what you approved before: nothing in it has changed."),
        "all_means": _(
            "You approve exactly these posts, as they stand on the page you have just read. Each goes out at its time."
        ),
        "stale": _(
            "This post has changed since you opened it, so your answer was not recorded. Look at the new version."
        ),
        "too_late": _(
            "The time to answer is over, so nothing was recorded. Write to the agency: they can send it to you again."
        ),
        "already_decided": _("This post has been decided in the meantime. Here you see the decision."),
        "already_out": _("This post is already out, or going out right now: it can no longer be held back."),
        "not_yours": _("This decision is not yours to take with this link."),
        "words_missing": _("Write in a few words what you mean: it helps the agency to get it right."),
        "newer_elsewhere": _("You can decide about the new version from the latest email you received."),
        "unanswered": _(
            "No answer came in time, so this post does not go out for now. The agency can send it to you again."
        ),
        "write_back": _("Any questions? Reply to the email that brought you here: your answer reaches %(agency)s."),
        "personal": _("Please do not pass it on."),
        "missed": _(
            "The time it was approved for has passed, so it did not go out. The agency will propose another one to you."
        ),
    }


def _lei() -> dict[str, str]:
    return {
        "hello": pgettext("lei", "Hello, %(name)s"),
        "intro": pgettext(
            "lei", "For each one you can approve, ask for a change or refuse. Until you approve, nothing is published."
        ),
        "intro_one": pgettext(
            "lei", "You can approve it, ask for a change or refuse it. Until you approve, it is not published."
        ),
        "needed": pgettext("lei", "We need your answers by"),
        "all_done": pgettext(
            "lei", "Thank you: you have answered for all of them. You can come back here at any time."
        ),
        "nothing_now": pgettext(
            "lei", "There is nothing for you to decide right now. We will write to you when there is."
        ),
        "time_over": pgettext("lei", "The time to answer is over. You can still read, and stop what is approved."),
        "read_only": pgettext("lei", "This link is for reading: you cannot decide with it."),
        "saved": pgettext("lei", "Decisions are saved at once; you can come back whenever you like."),
        "what_different": pgettext("lei", "What would you like to be different?"),
        "why_refuse": pgettext("lei", "Why should it not go out?"),
        "withdraw_means": pgettext(
            "lei",
            "If you withdraw your approval, this post does not go out. The agency is told at once and sends it to you again once it is corrected.",
        ),
        "stop_means": pgettext(
            "lei", "If you stop it, nothing of this post goes out until you lift the stop. Your approval stays."
        ),
        "lift_means": pgettext("lei", "This post is stopped. Nothing of it goes out until you lift the stop."),
        "same_again": pgettext("lei", "It is exactly what you approved before: nothing in it has changed."),
        "all_means": pgettext(
            "lei",
            "You approve exactly these posts, as they stand on the page you have just read. Each goes out at its time.",
        ),
        "stale": pgettext(
            "lei",
            "This post has changed since you opened it, so your answer was not recorded. Look at the new version.",
        ),
        "too_late": pgettext(
            "lei",
            "The time to answer is over, so nothing was recorded. Write to the agency: they can send it to you again.",
        ),
        "already_decided": pgettext("lei", "This post has been decided in the meantime. Here you see the decision."),
        "already_out": pgettext(
            "lei", "This post is already out, or going out right now: it can no longer be held back."
        ),
        "not_yours": pgettext("lei", "This decision is not yours to take with this link."),
        "words_missing": pgettext("lei", "Write in a few words what you mean: it helps the agency to get it right."),
        "newer_elsewhere": pgettext("lei", "You can decide about the new version from the latest email you received."),
        "unanswered": pgettext(
            "lei", "No answer came in time, so this post does not go out for now. The agency can send it to you again."
        ),
        "write_back": pgettext(
            "lei", "Any questions? Reply to the email that brought you here: your answer reaches %(agency)s."
        ),
        "personal": pgettext("lei", "Please do not pass it on."),
        "missed": pgettext(
            "lei",
            "The time it was approved for has passed, so it did not go out. The agency will propose another one to you.",
        ),
    }
