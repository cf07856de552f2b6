"""What the plan refuses, each with the sentence that a person reads: what, why, and what to do."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """Something that was asked and not done; nothing was changed. ``words()`` is the sentence, in the reader's language."""

    sentence: ClassVar[Promise | str] = ""

    def __init__(self, **values: Any) -> None:
        super().__init__(type(self).__name__)
        self.values = values

    def words(self) -> str:
        """Return the sentence with its values."""
        return str(self.sentence) % self.values


class Stale(Refusal):
    """Somebody saved in the meantime; ``current`` is the post as it stands now."""

    sentence = _(
        "Somebody else changed this post while you were writing. Nothing of yours is lost: compare the two and save again."
    )

    def __init__(self, current: Any) -> None:
        super().__init__()
        self.current = current


class WouldVoid(Refusal):
    """Somebody was asked, or has approved, and who acts was not told that this would end."""

    sentence = _(
        "Somebody was asked about this post, or has approved it, since you opened it. Nothing was changed yet:"
        " look at what it would end, then do it once more."
    )


class Overtaken(Refusal):
    """Two let the same rows in at the same moment."""

    sentence = _("The same rows were being imported from elsewhere at this very moment, so nothing was imported. Look once more.")


class OwnHourMissing(Refusal):
    """A channel with an hour of its own would land where the clocks go forward."""

    sentence = _(
        "%(channel)s has a time of its own, and on that day the clocks go forward: %(hour)s does not exist. Choose "
        "another day, or give that channel another time first."
    )


class AlreadyOut(Refusal):
    """What is published does not change here."""

    sentence = _("This post is already out, or going out right now: it cannot be changed or moved any more.")


class PastHour(Refusal):
    """Nothing is planned into the past."""

    sentence = _("That time has passed. Choose one that is still to come.")


class ForeignId(Refusal):
    """A channel, picture or campaign of another brand."""

    sentence = _(
        "A channel, picture or campaign chosen here does not belong to this brand. Reload the page and choose again."
    )


class NotReady(Refusal):
    """Something in the post stands in the way; ``problems`` is a list of (post, channel or None, Problem)."""

    sentence = _("Some posts cannot be sent as they are. What is missing is shown beside each.")

    def __init__(self, problems: list[tuple[Any, Any, Any]]) -> None:
        super().__init__()
        self.problems = problems


class NotADraft(Refusal):
    """Only drafts are sent for approval."""

    sentence = _("“%(title)s” has already been sent for approval or approved.")


class NothingToAsk(Refusal):
    """The rule asks nobody, or nothing was chosen."""

    sentence = _("There is nothing to ask: choose at least one draft of a brand whose posts need an approval.")


class NoReviewers(Refusal):
    """The rule asks people who do not exist."""

    sentence = _("Nobody can decide here yet: invite at least one person as %(role)s of this brand, then send again.")


class NoInternalStage(Refusal):
    """An internal approval where the rule asks only the client, or nobody."""

    sentence = _("The rule of this brand asks nobody of the agency, so nobody of the agency can approve its posts.")


class RuleAsks(Refusal):
    """Scheduling by hand where the rule asks somebody first."""

    sentence = _("Posts of this brand need an approval before they are scheduled. Send this one for approval.")


class StaleRevision(Refusal):
    """The decision named a version that is no longer the current one; ``current`` is the one to look at, or None."""

    sentence = _("This post has changed since you opened it. Look at the current version, then decide.")

    def __init__(self, current: Any) -> None:
        super().__init__()
        self.current = current


class TooLate(Refusal):
    """The time to decide is over."""

    sentence = _("The time to decide on this post is over. Ask the agency to send it again.")


class AlreadyDecided(Refusal):
    """Somebody has decided in the meantime."""

    sentence = _("This post has already been decided. The page now shows the decision.")


class NotYours(Refusal):
    """Somebody else was asked."""

    sentence = _("This decision was asked of somebody else.")


class WordsMissing(Refusal):
    """A change or a refusal without a word helps nobody."""

    sentence = _("Write in a few words what should be different.")


class RestBeyondAccepted(Refusal):
    """The new hour of what is left of a post that is partly out is farther away than what was accepted."""

    sentence = _(
        "Part of this post is out already, and the new time is further from the approved one than agreed. Copy the "
        "post and have the copy approved."
    )


class BeyondAccepted(Refusal):
    """The new hour is farther away than what was accepted."""

    sentence = _("The new time is further from the approved one than agreed: the post has to be approved again.")
