"""What the composer says while somebody writes: lengths, what stands in the way beside its field, and one preview."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.scope import row_number
from accounts.wall import HourMissingError, HourTwiceError, instant, wall_of
from calendar_app.forms.channel import ChannelDesk
from calendar_app.forms.compose import Typed
from calendar_app.forms.cuts import css_of
from calendar_app.forms.desk import Desk, contents_of
from calendar_app.models import PartKind, Stage
from calendar_app.rules import rule_for, rule_of
from calendar_app.views.showing import Further, Measured, Picture, SheetView, Told, told, too_many
from publisher.channels import target_of
from publisher.contract.content import Content, Problem

OWN = re.compile(r"c\d+-")
QUIET = {"alt_missing"}  # said once under the preview, with how many they are
YET = {"text_empty"}  # not wrong, only not there yet: an error when somebody wants to send


@dataclass(frozen=True, slots=True)
class Line:
    """One text of one channel, with its length."""

    measure: Measured
    label: str

    @property
    def over(self) -> int:
        """Return how many characters are too many."""
        return self.measure.over


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence beside a field, with the channels that it is about."""

    words: str
    is_warning: bool
    channels: str


@dataclass(slots=True)
class Read:
    """The desk as the platforms read it: its lengths, and what they would refuse, by the place of the field."""

    lines: list[Line] = field(default_factory=list)
    found: dict[str, dict[Told, list[str]]] = field(default_factory=lambda: defaultdict(dict))
    blocking: dict[str, str] = field(default_factory=dict)
    wordless: list[str] = field(default_factory=list)

    def add(self, channel: ChannelDesk, place: str, one: Told) -> None:
        """Note a sentence at its field."""
        self.found[place].setdefault(replace(one, field=""), []).append(channel.name)
        if not one.is_warning:
            self.blocking.setdefault(one.words if place == "at" else f"{channel.name}: {one.words}", place)

    def slots(self, chosen: int) -> dict[str, list[Said]]:
        """Return the sentences of each field; the channels are named where a sentence is not about all of them."""
        return {
            place: [
                Said(one.words, one.is_warning, "" if is_own(place) or len(names) == chosen else ", ".join(names))
                for one, names in sentences.items()
            ]
            for place, sentences in self.found.items()
        }


def is_own(place: str) -> bool:
    """Tell whether a field belongs to one channel alone."""
    return OWN.match(place) is not None


def live_of(desk: Desk, *, shown: str = "", asked: bool = False) -> dict[str, Any]:
    """Return the lengths, the sentences, the preview of one channel, and whether sending is blocked and why.

    What is only missing yet is said calmly, and becomes an error where somebody ``asked`` to send.
    """
    read, stages, contents = Read(), _stages(desk), contents_of(desk)
    for channel, parts in contents:
        _read_channel(read, desk, channel, parts, asked=asked)
        _read_hour(read, desk, channel)
    if not stages:
        word = _("Save and schedule")
    else:
        word = _("Save and send to the client…") if stages == [Stage.CLIENT] else _("Save and send for approval…")
    return {
        "live": read.lines,
        "slots": read.slots(len(contents)),
        "preview": _preview(desk, contents, shown),
        "blocked": " ".join(read.blocking),
        "missing": _missing(desk, read, chosen=len(contents)),
        "stops": [{"anchor": _anchor(place), "words": words} for words, place in read.blocking.items()]
        + ([] if contents else [{"anchor": "where", "words": _("No channel is chosen yet.")}]),
        "ask_word": word,
        "brand": desk.brand,
    }


def _stages(desk: Desk) -> list[str]:
    rule = rule_for(desk.post) if desk.post else rule_of(desk.brand, kind=str(desk.form["kind"].value() or ""))
    return [one["stage"] for one in rule.stages]


def _missing(desk: Desk, read: Read, *, chosen: int) -> str:
    """Return what is not there yet, in one calm sentence."""
    things = [] if str(desk.form["title"].value() or "").strip() else [_("a title")]
    if read.wordless and len(read.wordless) == chosen:
        things.append(_("words or a picture"))
    else:
        things += [_("words or a picture for %(channel)s") % {"channel": name} for name in read.wordless]
    if not chosen:
        things.append(_("a channel"))
    return _("Still missing: %(things)s.") % {"things": ", ".join(things)} if things else ""


def _anchor(place: str) -> str:
    """Return the id of the field of a place, or of the sentence beside it."""
    name = place.rpartition("-")[2]
    return f"id_{place}" if name in {"text", "link", "at", "first_comment"} else f"slot-{place}"


def _read_hour(read: Read, desk: Desk, channel: ChannelDesk) -> None:
    """Say at the field of the hour that it has passed."""
    own = channel.own_hour()
    wall, fold = own or (desk.wall(), desk.fold())
    if wall is None or not _is_past(wall, fold=fold, zone=desk.brand.zone):
        return
    read.add(channel, f"{channel.prefix}-at" if own else "at", told(Problem("hour_past", "wall")))


def _is_past(wall: datetime, *, fold: int | None, zone: str) -> bool:
    try:
        return instant(wall=wall, zone=zone, fold=fold) <= timezone.now()
    except (HourMissingError, HourTwiceError):
        return False  # the form asks about it


def _read_channel(read: Read, desk: Desk, channel: ChannelDesk, parts: list[Content], *, asked: bool) -> None:
    """Measure and judge every text of a channel."""
    target, adapter = target_of(channel.channel), channel.adapter
    for number, content in enumerate(parts, 1):
        length = adapter.length(content, target)
        measure = Measured(channel.channel, adapter.name, adapter.monogram, length)
        read.lines.append(Line(measure, _label(content, number)))
        for problem in adapter.problems(content, target):
            if problem.code in QUIET:
                continue
            if problem.code in YET and not asked:
                read.wordless.append(channel.name)
                continue
            one = told(problem)
            if "over" in problem.values and problem.field == "text":
                one = replace(one, words=f"{too_many(length.over or int(problem.values['over']))}.")
            read.add(channel, _place(desk, channel, content, problem), one)


def _label(content: Content, number: int) -> str:
    if content.kind == PartKind.POST:
        return ""
    return str(PartKind.FIRST_COMMENT.label) if content.kind == PartKind.FIRST_COMMENT else f"{number}"


def _place(desk: Desk, channel: ChannelDesk, content: Content, problem: Problem) -> str:
    """Return the field that a problem belongs to: the common one where the channel follows it."""
    own = f"{channel.prefix}-"
    if content.kind == PartKind.FIRST_COMMENT:
        return f"{own}first_comment"
    if content.kind == PartKind.PART:
        return f"{own}part"
    if problem.field in {"media", "alt"}:
        start = own if channel.has_own_media else ""
        pictures = desk.shown_pictures(channel if channel.has_own_media else None)
        if problem.position is not None and problem.position < len(pictures):
            return f"{start}alt-{pictures[problem.position]['asset_id']}"
        return f"{start}media"
    if problem.field in {"text", "link"}:
        return f"{own if channel.has_own_text else ''}{problem.field}"
    return f"{own}options"


def _preview(desk: Desk, contents: Iterable[tuple[ChannelDesk, list[Content]]], shown: str) -> dict[str, Any] | None:
    """Return what one channel will look like: the one asked for, else the first."""
    by_channel = {channel.pk: (channel, parts) for channel, parts in contents}
    wanted = row_number(shown)
    found = by_channel.get(wanted or 0) or next(iter(by_channel.values()), None)
    if found is None:
        return None
    channel, parts = found
    return {"tabs": [one for one, _parts in by_channel.values()], "on": channel.pk, "sheet": _sheet(desk, channel, parts)}


def _pictures(desk: Desk, pictures: Iterable[Typed]) -> list[Picture]:
    return [
        Picture(one["asset_id"], one["alt"] or one["library_alt"], css_of(one["cut"])) for one in desk.shown_of(pictures)
    ]


def _further(desk: Desk, channel: ChannelDesk, part: Content, place: int) -> Further:
    """Return a further post of the thread, or the first comment, as it will look."""
    looks = channel.adapter.shown(part, target_of(channel.channel))
    pictures = channel.written_parts[place].pictures if part.kind == PartKind.PART else ()
    return Further(PartKind(part.kind).label, looks.text, tuple(_pictures(desk, pictures)), looks.links)


def _sheet(desk: Desk, channel: ChannelDesk, parts: list[Content]) -> SheetView:
    target, adapter, content = target_of(channel.channel), channel.adapter, parts[0]
    looks = adapter.shown(content, target)
    is_said = looks.card or content.link in looks.text or content.link in dict(looks.links).values()
    own = channel if channel.has_own_media else None
    own_hour = channel.own_hour()
    return SheetView(
        measure=Measured(channel.channel, adapter.name, adapter.monogram, adapter.length(content, target)),
        text=looks.text,
        link="" if is_said else content.link,
        warning=str(channel.options.get("content_warning", "")),
        own_text=channel.has_own_text,
        wall=(own_hour[0] if own_hour else desk.wall()) or wall_of(at=timezone.now(), zone=desk.brand.zone),
        pictures=_pictures(desk, channel.pictures if own else desk.pictures),
        further=[_further(desk, channel, part, place) for place, part in enumerate(parts[1:])],
        slug=adapter.slug,
        links=looks.links,
        card=looks.card,
    )
