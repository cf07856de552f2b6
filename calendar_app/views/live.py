"""What the composer says while somebody writes: lengths, what stands in the way beside its field, and one preview."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.scope import row_number
from accounts.wall import wall_of
from calendar_app.forms.channel import ChannelDesk
from calendar_app.forms.desk import Desk, contents_of
from calendar_app.models import PartKind, Stage
from calendar_app.rules import rule_for, rule_of
from calendar_app.views.showing import Further, Measured, Picture, SheetView, Told, told, too_many
from publisher.channels import target_of
from publisher.contract.content import Content, Problem

OWN = re.compile(r"c\d+-")
QUIET = {"alt_missing"}  # said once under the preview, with how many they are


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
    blocking: list[str] = field(default_factory=list)

    def add(self, channel: ChannelDesk, place: str, one: Told) -> None:
        """Note a sentence at its field."""
        self.found[place].setdefault(replace(one, field=""), []).append(channel.name)
        words = f"{channel.name}: {one.words}"
        if not one.is_warning and words not in self.blocking:
            self.blocking.append(words)

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


def live_of(desk: Desk, *, shown: str = "") -> dict[str, Any]:
    """Return the lengths, the sentences, the preview of one channel, and whether sending is blocked and why."""
    read, stages, contents = Read(), _stages(desk), contents_of(desk)
    for channel, parts in contents:
        _read_channel(read, desk, channel, parts)
    if not stages:
        word = _("Save and schedule")
    else:
        word = _("Save and send to the client…") if stages == [Stage.CLIENT] else _("Save and send for approval…")
    return {
        "live": read.lines,
        "slots": read.slots(len(contents)),
        "preview": _preview(desk, contents, shown),
        "blocked": " ".join(read.blocking) or ("" if contents else _("No channel is chosen yet.")),
        "ask_word": word,
        "brand": desk.brand,
    }


def _stages(desk: Desk) -> list[str]:
    rule = rule_for(desk.post) if desk.post else rule_of(desk.brand, kind=str(desk.form["kind"].value() or ""))
    return [one["stage"] for one in rule.stages]


def _read_channel(read: Read, desk: Desk, channel: ChannelDesk, parts: list[Content]) -> None:
    """Measure and judge every text of a channel."""
    target, adapter = target_of(channel.channel), channel.adapter
    for number, content in enumerate(parts, 1):
        length = adapter.length(content, target)
        measure = Measured(channel.channel, adapter.name, adapter.monogram, length)
        read.lines.append(Line(measure, _label(content, number)))
        for problem in adapter.problems(content, target):
            if problem.code in QUIET:
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


def _sheet(desk: Desk, channel: ChannelDesk, parts: list[Content]) -> SheetView:
    target, adapter, content = target_of(channel.channel), channel.adapter, parts[0]
    looks = adapter.shown(content, target)
    is_said = looks.card or content.link in looks.text or content.link in dict(looks.links).values()
    own = channel if channel.has_own_media else None
    if channel.form.is_bound:
        channel.form.is_valid()
    own_hour = channel.form.cleaned_data.get("wall") if channel.form.is_bound else None
    if channel.variant and not channel.form.is_bound:
        own_hour = channel.variant.wall
    return SheetView(
        measure=Measured(channel.channel, adapter.name, adapter.monogram, adapter.length(content, target)),
        text=looks.text,
        link="" if is_said else content.link,
        warning=str(channel.options.get("content_warning", "")),
        own_text=channel.has_own_text,
        wall=own_hour or desk.wall() or wall_of(at=timezone.now(), zone=desk.brand.zone),
        pictures=[Picture(one["asset_id"], one["alt"] or one["library_alt"]) for one in desk.shown_pictures(own)],
        further=[Further(PartKind(part.kind).label, part.text) for part in parts[1:]],
        slug=adapter.slug,
        links=looks.links,
        card=looks.card,
    )
