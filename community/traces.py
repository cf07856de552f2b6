"""What was done about a comment, as people read it: what is on its way, what went wrong, who hid it under which rule."""

from dataclasses import dataclass

from community.models import Act, ActState, Comment, ModerationAct, Visibility

PAIRS = {Act.LIKE: "like", Act.UNLIKE: "like", Act.HIDE: "hide", Act.SHOW: "hide", Act.MUTE: "mute", Act.UNMUTE: "mute"}


@dataclass(frozen=True, slots=True)
class Deeds:
    """The newest of each pair of deeds. ``doing`` names the pairs of which one is on its way."""

    doing: frozenset[str] = frozenset()
    troubles: tuple[ModerationAct, ...] = ()
    hidden: ModerationAct | None = None
    reported: ModerationAct | None = None

    @property
    def mark(self) -> tuple[object, ...]:
        """Return what changes when something of this changes."""
        acts = (*self.troubles, self.hidden, self.reported)
        return (sorted(self.doing), [(act.pk, act.state, act.problem_code) for act in acts if act])


NOTHING_DONE = Deeds()


def deeds_done(comment: Comment) -> Deeds:
    """Return what the acts of a comment come to; they are read already, oldest first."""
    newest = {PAIRS.get(Act(act.act), act.act): act for act in comment.acts.all()}
    if not newest:
        return NOTHING_DONE
    hidden = [act for act in comment.acts.all() if (act.act, act.state) == (Act.HIDE, ActState.DONE)]
    reported = newest.get(Act.REPORT)
    troubled = (ActState.FAILED, ActState.UNKNOWN)
    return Deeds(
        doing=frozenset(pair for pair, act in newest.items() if act.state == ActState.ASKED),
        troubles=tuple(act for act in newest.values() if act.state in troubled or act.problem_code),
        hidden=hidden[-1] if hidden and comment.visibility == Visibility.HIDDEN else None,
        reported=reported if reported and reported.state != ActState.FAILED else None,
    )
