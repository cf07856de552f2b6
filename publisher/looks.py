"""How a delivery state looks: class, sign and word together, never a colour alone."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from publisher.evidence import Evidence, evidence_of
from publisher.models import Publication, PublicationKind, PublicationState, Stop
from publisher.platforms import adapter_of
from publisher.sentences import sentence
from publisher.waiting import Pauses, readiness_of, said_hour, why_waiting

ANSWERS = {PublicationKind.REPLY, PublicationKind.PRIVATE_MESSAGE}
LOST = {"channel_lost", "token_refused", "token_unreadable", "account_disabled", "scope_missing"}
IN_TIME_S, MINUTE_S = 0.25, 60


@dataclass(frozen=True, slots=True)
class Look:
    """A class of the style sheet, a symbol of the sprite, and the word."""

    css: str
    sign: str
    word: "str | Promise"


LOOKS: dict[str, Look] = {
    PublicationState.WAITING: Look("st-prog", "clock", _("Scheduled")),
    PublicationState.HELD: Look("st-bozza", "pause", _("Paused")),
    PublicationState.CLAIMED: Look("st-prog", "send", _("About to go out")),
    PublicationState.SENDING: Look("st-prog", "send", _("Sending")),
    PublicationState.UNKNOWN: Look("st-err", "q", _("Outcome unknown")),
    PublicationState.PUBLISHED: Look("st-pub", "sent", _("Published")),
    PublicationState.FAILED: Look("st-err", "alert", _("Not published")),
    PublicationState.MISSED: Look("st-err", "late", _("Not sent, time passed")),
    PublicationState.CANCELED: Look("st-bozza", "no", _("Canceled")),
}


def look_of(state: str) -> Look:
    """Return how a state of a publication is shown."""
    return LOOKS[state]


@dataclass(frozen=True, slots=True)
class Row:
    """A publication as a page shows it."""

    publication: Publication
    look: Look
    monogram: str
    platform: str
    problem: str
    waits: str = ""
    ready: str = ""
    stop: Stop | None = None
    evidence: Evidence | None = None
    abilities: Collection[str] = ()

    @property
    def is_answer(self) -> bool:
        """Whether it answers somebody instead of saying something new."""
        return self.publication.kind in ANSWERS

    @property
    def lag(self) -> str:
        """Return by how much it was late, in a word: *in time*, *+0.4 s*, *+3 min*; nothing where nobody knows."""
        if self.publication.lag_ms is None:
            return ""
        late_s = self.publication.lag_ms / 1000
        if late_s <= IN_TIME_S:
            return gettext("in time")
        if late_s < MINUTE_S:
            return f"+{formats.number_format(late_s, 1)} s"
        return f"+{formats.number_format(late_s / MINUTE_S, 0)} min"

    @property
    def wants_channel(self) -> bool:
        """Whether reconnecting the channel is what helps."""
        return self.publication.problem_code in LOST

    @property
    def looks_again(self) -> str:
        """Return when we look a doubt up again by ourselves; empty once only a person can tell."""
        row = self.publication
        if row.state != PublicationState.UNKNOWN or row.next_at is None:
            return ""
        return said_hour(row.next_at, row.zone, exact=True)

    @property
    def has_time(self) -> bool:
        """Whether its window is still open."""
        return timezone.now() <= self.publication.late_after


def shown(publication: Publication) -> Row:
    """Return a publication with its word, its sign and, where something is wrong, a sentence."""
    adapter = adapter_of(publication.profile.platform)
    code = publication.problem_code
    problem = sentence(code, publication.problem_values) if code else ""
    return Row(publication, look_of(publication.state), adapter.monogram, adapter.name, problem)


def explained(publication: Publication, pauses: Pauses, *, abilities: Collection[str], proof: bool = False) -> Row:
    """Return a row that also says why it waits, and with ``proof`` what is known of each try."""
    row, stop = shown(publication), pauses.stop_of(publication)
    is_held = stop is not None and publication.state in {PublicationState.WAITING, PublicationState.CLAIMED}
    return replace(
        row,
        look=look_of(PublicationState.HELD) if is_held else row.look,
        waits=why_waiting(publication, pauses),
        ready="" if is_held else readiness_of(publication),
        stop=stop,
        evidence=evidence_of(publication) if proof else None,
        abilities=abilities,
    )
