"""What is known of a publication whose fate is in doubt: each try in words, and what a look-up came across."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from publisher.models import Act, Attempt, Outcome, Publication
from publisher.waiting import said_hour

OUTCOMES: dict[str, "str | Promise"] = {
    "": gettext_lazy("under way"),
    Outcome.RECEIPT: gettext_lazy("the platform confirmed it"),
    Outcome.ADOPTED: gettext_lazy("found there"),
    Outcome.NOT_SENT: gettext_lazy("it did not leave"),
    Outcome.REJECTED: gettext_lazy("the platform refused it"),
    Outcome.SIGN_IN: gettext_lazy("the platform no longer accepts the connection"),
    Outcome.UNAVAILABLE: gettext_lazy("the platform could not take it just then"),
    Outcome.UNKNOWN: gettext_lazy("no answer that says whether it is out"),
    Outcome.ABSENT: gettext_lazy("not there"),
}
LOST: dict[str, "str | Promise"] = {
    "answer_lost": gettext_lazy("the connection broke before the answer came"),
    "answer_unreadable": gettext_lazy("the answer could not be read"),
    "server_error": gettext_lazy("the server failed while it was publishing"),
    "process_died": gettext_lazy("our program stopped before the answer came"),
    "settled by a person": gettext_lazy("settled by a person"),
}
ACTS: dict[str, "str | Promise"] = {
    Act.PUBLISH: pgettext_lazy("a try", "Sent"),
    Act.REPLAY: gettext_lazy("Sent again under the same key, so it cannot go out twice"),
    Act.FIND: gettext_lazy("Looked up"),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """One try as a person reads it."""

    at: datetime
    hour: str
    words: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A post of the brand's own that a look-up came across near the hour."""

    remote_id: str
    url: str
    hour: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What we sent beside what we saw."""

    tries: list[Tried]
    looks: list[Tried]
    seen: list[Seen]
    summary: str
    pictures: list[Any]


def evidence_of(row: Publication) -> Evidence:
    """Return the evidence of a publication whose attempts and attachments were read with it."""
    attempts = sorted(row.attempts.all(), key=lambda one: one.number)
    looks = [one for one in attempts if one.act == Act.FIND]
    last = next((one.seen for one in reversed(looks) if one.seen), None)
    return Evidence(
        tries=[tried(one, zone=row.zone) for one in attempts if one.act != Act.FIND],
        looks=[tried(one, zone=row.zone) for one in looks],
        seen=seen_in(last, zone=row.zone),
        summary=_summary(last),
        pictures=sorted(row.attachments.all(), key=lambda item: item.position),
    )


def tried(attempt: Attempt, *, zone: str) -> Tried:
    """Return a try with its hour to the second, what it was, and how it ended."""
    ended: str | Promise | None = LOST.get(attempt.note) if attempt.outcome in {Outcome.UNKNOWN, ""} else None
    if attempt.act == Act.FIND and attempt.seen and attempt.outcome == Outcome.UNKNOWN:
        ended = _("not found, which does not prove that it is not there")
    words = f"{ACTS[attempt.act]}: {ended or OUTCOMES[attempt.outcome]}"
    if attempt.status:
        words += " " + _("(the server answered %(status)d)") % {"status": attempt.status}
    return Tried(attempt.started_at, said_hour(attempt.started_at, zone, exact=True), words)


def seen_in(seen: dict[str, Any] | None, *, zone: str) -> list[Seen]:
    """Return the nearest posts that a look-up kept."""
    found = []
    for one in (seen or {}).get("nearest", ()):
        at = parse_datetime(str(one.get("at", "")))
        hour = said_hour(at, zone, exact=True) if at else ""
        found.append(Seen(str(one.get("id", "")), str(one.get("url", "")), hour, str(one.get("text", ""))))
    return found


def _summary(seen: dict[str, Any] | None) -> str:
    """Return how far the last look-up reached."""
    if seen is None:
        return ""
    read = int(seen.get("read", 0))
    said = ngettext(
        "We read %(n)d post of the profile and did not recognise it.",
        "We read %(n)d posts of the profile and did not recognise it.",
        read,
    ) % {"n": read}
    if seen.get("complete"):
        return said
    return f"{said} " + _("The platform may not have shown us all of them.")


def was_seen(row: Publication, remote_id: str) -> str | None:
    """Return the address of a post that a look-up for this publication kept, None where none of that id was seen."""
    for seen in row.attempts.exclude(seen=None).values_list("seen", flat=True):
        for one in (seen or {}).get("nearest", ()):
            if remote_id and one.get("id") == remote_id:
                return str(one.get("url", ""))
    return None
