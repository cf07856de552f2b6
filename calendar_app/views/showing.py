"""A post as pages show it: kinds, what each channel gets, the path of approval, what happened to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from accounts import audit_words
from calendar_app import problems as found_problems
from calendar_app.forms.channel import typed_picture
from calendar_app.forms.cuts import css_of
from calendar_app.models import Approval, ApprovalState, Kind, Part, PartKind, Post, PostStage, Stage, Variant
from calendar_app.revisions import alt_of, hour_of, ordered
from calendar_app.shown import ShownState
from publisher.channels import target_of
from publisher.contract.base import Adapter
from publisher.contract.content import Card, Content, Length, Media, Problem
from publisher.looks import Row, shown
from publisher.models import Channel, Publication
from publisher.platforms import adapter_of


@dataclass(frozen=True, slots=True)
class Kinded:
    """A kind of post with its neutral sign."""

    value: str
    sign: str
    word: "str | Promise"
    many: "str | Promise"


KINDS: dict[str, Kinded] = {
    "informational": Kinded("informational", "info", Kind.INFORMATIONAL.label, pgettext_lazy("posts", "Informational")),
    "argumentative": Kinded("argumentative", "talk", Kind.ARGUMENTATIVE.label, pgettext_lazy("posts", "Argumentative")),
    "promotional": Kinded("promotional", "tag", Kind.PROMOTIONAL.label, pgettext_lazy("posts", "Promotional")),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """How long a text is on one channel, as the platform counts, and what else stands in the way there."""

    channel: Channel
    name: str
    monogram: str
    length: Length
    problems: "tuple[Told, ...]" = ()

    @property
    def used(self) -> int:
        """Return how long it is."""
        return self.length.used

    @property
    def limit(self) -> int:
        """Return how long it may be."""
        return self.length.limit

    @property
    def over(self) -> int:
        """Return how many are too many."""
        return self.length.over

    @property
    def bar(self) -> int:
        """Return how far the bar goes."""
        return min(self.length.used, self.length.limit)

    @property
    def said(self) -> str:
        """Return the bar in words."""
        values = {"channel": self.channel.name, "used": self.used, "limit": self.limit, "over": self.over}
        if self.over:
            return _("%(channel)s: %(used)d characters, %(over)d too many") % values
        return _("%(channel)s: %(used)d of %(limit)d characters") % values


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as a sentence, and the field it belongs to."""

    words: str
    field: str
    is_warning: bool


def told(problem: Problem) -> Told:
    """Return a problem in the reader’s language."""
    return Told(found_problems.words_of(problem), problem.field, problem.is_warning)


def measured(channel: Channel, content: Content) -> Measured:
    """Count a text as its platform counts, and name every breach except the length, which the bar shows."""
    adapter, target = adapter_of(channel.profile.platform), target_of(channel)
    problems = [
        told(one) for one in adapter.problems(content, target) if "over" not in one.values or one.field != "text"
    ]
    return Measured(channel, adapter.name, adapter.monogram, adapter.length(content, target), tuple(problems))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a preview."""

    asset_id: int
    alt: str
    cut: str = ""


@dataclass(frozen=True, slots=True)
class Further:
    """A further part of a thread, or the first comment."""

    word: "str | Promise"
    text: str
    pictures: tuple[Picture, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SheetView:
    """What one channel gets, as a preview with its length and with what became of it."""

    measure: Measured
    text: str
    link: str
    warning: str
    own_text: bool
    wall: datetime
    pictures: list[Picture]
    further: list[Further]
    deliveries: list[Row] = field(default_factory=list)
    slug: str = ""
    links: tuple[tuple[str, str], ...] = ()
    card: Card | None = None
    alike: str = ""

    def __getattr__(self, name: str) -> Any:
        """Lend the numbers of the measure, so that templates read plainly."""
        return getattr(object.__getattribute__(self, "measure"), name)

    @property
    def looks(self) -> tuple[Any, ...]:
        """Return all that a person would see, so that what is the same is shown once."""
        seen = (self.slug, self.text, self.link, self.warning, self.wall, self.links, self.card)
        return (*seen, tuple(self.pictures), tuple((str(one.word), one.text, one.pictures) for one in self.further))

    @property
    def card_picture(self) -> Picture | None:
        """Return the picture that stands on the link's card."""
        return self.pictures[0] if self.card and self.card.has_picture and self.pictures else None

    @property
    def without_alt(self) -> int:
        """Return how many pictures say nothing to those who do not see them."""
        pictures = [*self.pictures, *(picture for one in self.further for picture in one.pictures)]
        return sum(1 for picture in pictures if not picture.alt)


def content_of_part(post: Post, variant: Variant, part: Part) -> Content:
    """Return a part of a draft, without its pictures, as an adapter counts it."""
    return Content(
        text=part.text,
        kind=part.kind,
        link=variant.link if part.kind == PartKind.POST else "",
        language=str(variant.options.get("language") or post.brand.language),
        options=variant.options,
    )


def _sheet(post: Post, variant: Variant, rows: list[Publication]) -> SheetView:
    parts = ordered(variant)
    first = parts[0] if parts else Part(variant=variant)
    pictures = _pictures(post, first) if first.pk else []
    content = replace(content_of_part(post, variant, first), media=tuple(map(_drawn, pictures)))
    adapter: Adapter = adapter_of(variant.channel.profile.platform)
    target = target_of(variant.channel)
    length, looks = adapter.length(content, target), adapter.shown(replace(content, link=""), target)
    card = adapter.shown(content, target).card
    return SheetView(
        measure=Measured(variant.channel, adapter.name, adapter.monogram, length),
        text=looks.text,
        link="" if card else variant.link,
        warning=str(variant.options.get("content_warning", "")),
        own_text=variant.own_text,
        wall=hour_of(post, variant)[0],
        pictures=pictures,
        further=[_further(post, variant, part) for part in parts[1:]],
        deliveries=[shown(row) for row in rows if row.channel_id == variant.channel_id],
        slug=adapter.slug,
        links=looks.links,
        card=card,
    )


def _pictures(post: Post, part: Part) -> list[Picture]:
    return [
        Picture(item.asset_id, alt_of(post, item), css_of(typed_picture(item).crop)) for item in part.media.all()
    ]


def _further(post: Post, variant: Variant, part: Part) -> Further:
    looks = adapter_of(variant.channel.profile.platform).shown(
        content_of_part(post, variant, part), target_of(variant.channel)
    )
    return Further(PartKind(part.kind).label, looks.text, tuple(_pictures(post, part)), looks.links)


def _drawn(picture: Picture) -> Media:
    """Return a picture as far as it matters for how a post looks."""
    return Media(str(picture.asset_id), "", "image/jpeg", 0, 0, 0, "", alt=picture.alt)


def sheets_of(post: Post, rows: list[Publication]) -> list[SheetView]:
    """Return one preview per channel of a post that was read ``with_draft``; ``alike`` names an earlier equal one."""
    sheets = [_sheet(post, variant, rows) for variant in post.variants.all()]
    first: dict[tuple[Any, ...], SheetView] = {}
    for sheet in sheets:
        first.setdefault(sheet.looks, sheet)
    return [
        sheet if first[sheet.looks] is sheet else replace(sheet, alike=first[sheet.looks].measure.channel.name)
        for sheet in sheets
    ]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the path of approval."""

    css: str
    sign: str
    words: str
    by: str = ""
    at: datetime | None = None
    small: str = ""


DECIDED: dict[str, tuple[str, str, Any]] = {
    ApprovalState.APPROVED: ("st-app", "tick", gettext_lazy("Approved")),
    ApprovalState.CHANGES_REQUESTED: ("st-mod", "reply", gettext_lazy("Changes requested")),
    ApprovalState.REFUSED: ("st-mod", "no", gettext_lazy("Refused")),
    ApprovalState.EXPIRED: ("st-err", "late", gettext_lazy("No answer in time")),
    ApprovalState.WITHDRAWN: ("st-mod", "reply", gettext_lazy("Approval withdrawn")),
    ApprovalState.NOT_OBJECTED: ("st-app", "tick", gettext_lazy("Not objected")),
    ApprovalState.VOID: ("", "no", gettext_lazy("Void: the post changed afterwards")),
}


COMING: dict[str, Any] = {
    Stage.INTERNAL: gettext_lazy("Internal review"),
    Stage.CLIENT: gettext_lazy("Approval by the client"),
}


def steps_of(post: Post, approvals: Iterable[Approval], stages: Iterable[str], state: ShownState) -> list[Step]:
    """Return what was asked of whom, what they said, and what is still to come."""
    steps: list[Step] = []
    last: dict[int, set[str]] = {}
    for approval in approvals:
        who, number = str(approval.reviewer), approval.revision.number
        asked = _("Sent to the client") if approval.stage == Stage.CLIENT else _("Sent for internal review")
        version = _("version %(number)d") % {"number": number}
        to = pgettext("asked", "to %(name)s") % {"name": who}
        steps.append(Step("st-app", "send", asked, to, approval.asked_at, version))
        last.setdefault(number, set()).add(approval.stage)
        if approval.state == ApprovalState.ASKED:
            steps.append(Step("st-att", "hour", _("Waiting for the answer"), pgettext("answer", "from %(name)s") % {"name": who}))
        else:
            css, sign, words = DECIDED[approval.state]
            steps.append(Step(css, sign, str(words), who, approval.decided_at))
    if post.stage in (PostStage.DRAFT, PostStage.IN_REVIEW):
        asked_of = last[max(last)] if last and post.stage == PostStage.IN_REVIEW else set()
        small = _("To be asked again") if steps and post.stage == PostStage.DRAFT else _("Not asked yet")
        steps += [Step("", "send", str(COMING[one]), small=small) for one in stages if one not in asked_of]
    return [*steps, _going_out(post, state)] if steps else steps


def _going_out(post: Post, state: ShownState) -> Step:
    """Return the end of the path: what became of the post, or what it waits for."""
    if post.stage != PostStage.APPROVED:
        return Step("", "clock", _("Publication"), small=_("Starts only after the approval"))
    if state.name == "approved":
        return Step("", "clock", _("Publication"), small=_("Not on the schedule"))
    return Step(state.css, state.sign, str(state.word), at=post.wall)


VERBS: dict[str, Any] = {
    "post.created": gettext_lazy("Written"),
    "post.imported": gettext_lazy("Imported from a plan"),
    "post.saved": gettext_lazy("Changed"),
    "post.moved": gettext_lazy("Moved"),
    "post.duplicated": gettext_lazy("Copied from another post"),
    "post.archived": gettext_lazy("Archived"),
    "post.scheduled": gettext_lazy("Scheduled"),
    "post.sent_for_approval": gettext_lazy("Sent for approval"),
    "post.unscheduled": gettext_lazy("Taken off the schedule"),
    "post.stopped": gettext_lazy("Post stopped"),
    "post.resumed": gettext_lazy("Resumed"),
    "approval.voided": gettext_lazy("Approval void, because the post changed"),
}


def words_of(verb: str) -> str:
    """Return a verb of the audit as people read it."""
    return str(VERBS[verb]) if verb in VERBS else audit_words.words_of(verb)


def too_many(over: int) -> str:
    """Return why something cannot be sent: by how much it is too long."""
    return ngettext("%(n)d character too many", "%(n)d characters too many", over) % {"n": over}
