"""What changed between two versions of a post, said in words and shown in the text."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from calendar_app.models import Revision, Sheet

ALIKE = 0.4  # below it, two texts share only small words: shown side by side they read better
WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some words that stayed (empty sign), went (-) or came (+)."""

    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs, on one channel."""

    what: str
    channel: str = ""
    stretches: tuple[Stretch, ...] = ()


def changes_between(old: Revision, new: Revision) -> list[Change]:
    """Return what a reader of the old version has to look at in the new one; equal changes are told once."""
    before = {sheet.channel_id: sheet for sheet in old.sheets.all()}
    after = {sheet.channel_id: sheet for sheet in new.sheets.all()}
    found: dict[tuple[str, tuple[Stretch, ...]], list[str]] = {}
    for channel_id, sheet in after.items():
        for change in _changes(before.get(channel_id), sheet):
            found.setdefault((change.what, change.stretches), []).append(sheet.channel.name)
    changes = [Change(what, ", ".join(names), stretches) for (what, stretches), names in found.items()]
    gone = [sheet.channel.name for channel_id, sheet in before.items() if channel_id not in after]
    return [*changes, *(Change(_("It no longer goes out here."), name) for name in gone)]


def _changes(old: Sheet | None, new: Sheet) -> Iterator[Change]:
    if old is None:
        yield Change(_("It now goes out here too."))
        return
    if old.due_at != new.due_at:
        hours = {"old": _hour(old), "new": _hour(new)}
        yield Change(_("New time: %(new)s instead of %(old)s.") % hours)
    before, after = _said(old), _said(new)
    if before != after:
        yield Change(_("The words changed."), stretches=tuple(stretches(before, after)))
    if _each(old, "files", slice(1, None)) != _each(new, "files", slice(1, None)):
        yield Change(_("The pictures, their order or their description changed."))
    if _of_parts(old, "link") != _of_parts(new, "link"):
        yield Change(_("The link changed."))
    if _of_parts(old, "options") != _of_parts(new, "options"):
        yield Change(_("The settings of the channel changed."))


def stretches(old: str, new: str) -> Iterator[Stretch]:
    """Compare two texts word by word."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    if matcher.ratio() < ALIKE:
        yield Stretch("-", old)
        yield Stretch("+", new)
        return
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield Stretch("", "".join(before[a:b]))
            continue
        if b > a:
            yield Stretch("-", "".join(before[a:b]))
        if d > c:
            yield Stretch("+", "".join(after[c:d]))


def _hour(sheet: Sheet) -> str:
    said = formats.date_format(sheet.wall, _("l j F, H:i"))
    return said.lower() if get_language() == "it" else said


def _said(sheet: Sheet) -> str:
    return "\n\n".join(part["text"] for part in sheet.content)


def _of_parts(sheet: Sheet, name: str) -> list[Any]:
    return [part[name] for part in sheet.content]


def _each(sheet: Sheet, name: str, which: slice) -> list[Any]:
    """Return the files of each part without their ids: what counts is the bytes, the words beside them, their order."""
    return [[one[which] for one in part[name]] for part in sheet.content]
