"""What is typed beside what is stored, field by field: for two people who write at once, and to know whether anything changed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from calendar_app.forms.channel import ChannelDesk
from calendar_app.forms.compose import BRIEF
from calendar_app.forms.cuts import words_of
from calendar_app.forms.desk import Desk
from calendar_app.models import Kind

TAKE = "take-"
THEIRS = "theirs"
Values = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A field that differs: what is stored now and what was typed, and which of the two is meant unless somebody chooses."""

    key: str
    label: str
    theirs: str
    yours: str
    take: str = "mine"


@dataclass(frozen=True, slots=True)
class Group:
    """Names of the form that belong together, as one thing that people speak of."""

    key: str
    label: str
    names: tuple[str, ...]

    def holds(self, name: str) -> bool:
        """Tell whether a name of the form belongs here; a name that ends in a hyphen stands for all that begin so."""
        return any(name == own or (own.endswith("-") and name.startswith(own)) for own in self.names)


def values_of(desk: Desk) -> Values:
    """Return the desk as a form would send it."""
    values: Values = {}
    for name in ("title", "kind", "on", "at", "fold", "text", "link", "campaign", *(f"brief_{one}" for one in BRIEF)):
        values[name] = [_sent(desk.form[name].value())]
    values["channels"] = [str(channel.pk) for channel in desk.chosen]
    _with_pictures(values, desk.pictures, "")
    for channel in desk.channels:
        _with_channel(values, channel)
    return values


def _with_channel(values: Values, channel: ChannelDesk) -> None:
    start = f"{channel.prefix}-"
    for name in channel.form.fields:
        values[f"{start}{name}"] = [_sent(channel.value(name))]
    values[f"{start}part"] = [one.text for one in channel.written_parts]
    for place, one in enumerate(channel.written_parts):
        values.setdefault(f"{start}part-place", []).append(str(place))
        values[f"{start}part-{place}-words"] = [one.text]  # a post of pictures alone has none, and keeps its place
        _with_pictures(values, one.pictures, f"{start}part-{place}-")
    _with_pictures(values, channel.pictures, start)
    for name, value in channel.options.items():
        values[f"{start}option-{name}"] = [_sent(value)]


def _with_pictures(values: Values, pictures: Iterable[Any], start: str) -> None:
    chosen = list(pictures)
    values[f"{start}media"] = [str(one.asset_id) for one in chosen]
    for one in chosen:
        values[f"{start}alt-{one.asset_id}"] = [one.alt]
        values[f"{start}crop-{one.asset_id}"] = [one.crop]


def _sent(value: Any) -> str:
    """Return a value as a browser sends it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "on"
    if hasattr(value, "pk"):
        return str(value.pk)
    text = value.strftime("%H:%M") if hasattr(value, "hour") else str(value)
    return text.replace("\r\n", "\n")


def groups_of(desk: Desk) -> list[Group]:
    """Return all that people would tell apart in this form."""
    form = desk.form
    simple = ("title", "kind", "campaign", "text", "link", *(f"brief_{one}" for one in BRIEF))
    groups = [Group(name, str(form[name].label), (name,)) for name in simple]
    groups += [
        Group("hour", _("Date and time"), ("on", "at", "fold")),
        Group("media", _("Pictures"), ("media", "alt-", "crop-")),
        Group("channels", _("Channels"), ("channels",)),
    ]
    for channel in desk.channels:
        own = f"{channel.prefix}-"
        for key, label, names in (
            ("text", _("Text"), ("own", "text", "link")),
            ("hour", _("Date and time"), ("own_hour", "on", "at", "fold")),
            ("media", _("Pictures"), ("own_media", "media", "alt-", "crop-")),
            ("part", _("The thread goes on"), ("part", "part-")),
            ("first_comment", _("First comment"), ("first_comment",)),
            ("options", _("Platform options"), ("option-",)),
        ):
            groups.append(Group(f"{own}{key}", f"{label} · {channel.name}", tuple(f"{own}{name}" for name in names)))
    return groups


def _of(group: Group, values: Mapping[str, list[str]]) -> Values:
    """Return a group's values, empty ones and switched-off ones left out, so that the same compares the same."""
    found = {
        name: [one.strip() for one in listed if one.strip()]
        for name, listed in values.items()
        if group.holds(name)
    }
    for switch in ("own", "own_media", "own_hour"):
        name = next((one for one in group.names if one.endswith(f"-{switch}")), "")
        if name and not found.get(name):
            return {}
    if group.key.endswith("options"):
        found = {name: listed for name, listed in found.items() if listed != ["public"]}
    if group.key.endswith("hour"):
        found = {name: ([] if listed == ["0"] else listed) for name, listed in found.items()}
    return {name: listed for name, listed in found.items() if listed}


def marks_of(desk: Desk) -> str:
    """Return a short mark for each thing as it is stored, so that a form knows later what its writer touched."""
    values = values_of(desk)
    return json.dumps({group.key: _mark(_of(group, values)) for group in groups_of(desk)}, separators=(",", ":"))


def _mark(values: Values) -> str:
    return blake2b(json.dumps(values, sort_keys=True).encode(), digest_size=4).hexdigest()


def pairs_of(mine: Desk, stored: Desk, *, marks: str) -> list[Pair]:
    """Return where what was typed and what is stored differ. What the writer did not touch is taken from the store."""
    typed, now, before = values_of(mine), values_of(stored), _read(marks)
    pairs = []
    for group in groups_of(mine):
        yours, theirs = _of(group, typed), _of(group, now)
        if yours == theirs:
            continue
        take = THEIRS if before.get(group.key) == _mark(yours) else "mine"
        pairs.append(Pair(group.key, group.label, _words(stored, group, theirs), _words(mine, group, yours), take))
    return pairs


def is_same(mine: Desk, stored: Desk) -> bool:
    """Tell whether saving would change nothing."""
    typed, now = values_of(mine), values_of(stored)
    return all(_of(group, typed) == _of(group, now) for group in groups_of(mine))


def taken_over(data: QueryDict, mine: Desk, stored: Desk) -> QueryDict:
    """Return what was typed, with the stored things in it that the writer chose to take over."""
    wanted = [group for group in groups_of(mine) if data.get(f"{TAKE}{group.key}") == THEIRS]
    if not wanted:
        return data
    now, merged = values_of(stored), data.copy()
    for group in wanted:
        for name in list(merged):
            if group.holds(name):
                del merged[name]
        for name, listed in now.items():
            if group.holds(name):
                merged.setlist(name, [one for one in listed if one or name.endswith("-part")])
    return merged


def _read(marks: str) -> dict[str, str]:
    try:
        found = json.loads(marks)
    except ValueError:
        return {}
    return {str(key): str(mark) for key, mark in found.items()} if isinstance(found, dict) else {}


def _words(desk: Desk, group: Group, values: Values) -> str:
    """Return a thing as people read it."""
    start, _sep, last = group.key.rpartition("-")
    if last == "kind":
        return "".join(str(dict(Kind.choices).get(one, one)) for one in values.get("kind", []))
    if last == "campaign":
        names = {str(row.pk): row.name for row in desk.form.fields["campaign"].queryset}  # type: ignore[attr-defined]  # a ModelChoiceField
        return "".join(names.get(one, one) for one in values.get("campaign", []))
    if last == "channels":
        names = {str(channel.pk): channel.name for channel in desk.channels}
        return ", ".join(names.get(one, one) for one in values.get("channels", []))
    if last == "media":
        return _of_pictures(desk, values, f"{start}-" if start else "")
    if last == "part":
        return "\n".join(_of_part(desk, values, f"{group.key}-{place}-") for place in values.get(f"{group.key}-place", []))
    said = [one for name, listed in values.items() for one in listed if not name.endswith(("-own", "-own_hour", "fold"))]
    return "\n".join(said)


def _of_part(desk: Desk, values: Values, start: str) -> str:
    """Return a further post of a thread: its words, and the pictures under them."""
    return "\n".join(filter(None, (*values.get(f"{start}words", ()), _of_pictures(desk, values, start))))


def _of_pictures(desk: Desk, values: Values, start: str) -> str:
    """Return the pictures of a list in their order, each with what is written beside it and how it is cut."""
    rows = {str(pk): row.name for pk, row in desk.assets.items()}
    return "\n".join(
        " · ".join(
            (
                rows.get(pk, f"#{pk}"),
                *values.get(f"{start}alt-{pk}", ()),
                *(words_of(cut) for cut in values.get(f"{start}crop-{pk}", ())),
            )
        )
        for pk in values.get(f"{start}media", [])
    )
