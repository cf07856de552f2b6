"""How a delivery state looks: class, sign and word together, never a colour alone."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from publisher.models import Publication, PublicationKind, PublicationState
from publisher.platforms import adapter_of
from publisher.sentences import sentence

ANSWERS = {PublicationKind.REPLY, PublicationKind.PRIVATE_MESSAGE}


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

    @property
    def is_answer(self) -> bool:
        """Whether it answers somebody instead of saying something new."""
        return self.publication.kind in ANSWERS

    @property
    def lag_s(self) -> float | None:
        """Return by how many seconds it was late, where the platform told."""
        return None if self.publication.lag_ms is None else self.publication.lag_ms / 1000


def shown(publication: Publication) -> Row:
    """Return a publication with its word, its sign and, where something is wrong, a sentence."""
    adapter = adapter_of(publication.profile.platform)
    code = publication.problem_code
    problem = sentence(code, publication.problem_values) if code else ""
    return Row(publication, look_of(publication.state), adapter.monogram, adapter.name, problem)
