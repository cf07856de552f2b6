"""What was sealed, as people look at it: every differing text, every picture, link, first comment and option."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from calendar_app.models import PartKind, Revision, Sheet
from calendar_app.revisions import content_of
from publisher.channels import target_of
from publisher.contract.content import Card
from publisher.images import crop_in
from publisher.models import StoredFile
from publisher.platforms import adapter_of

VISIBILITY: dict[str, "str | Promise"] = {
    "unlisted": gettext_lazy("everybody, but not in the public lists"),
    "private": gettext_lazy("only who follows the account"),
    "direct": gettext_lazy("only who is named in it"),
}
ANSWERING: dict[str, "str | Promise"] = {
    "mentioned": gettext_lazy("only who is named in it"),
    "followers": gettext_lazy("only who follows the account"),
    "following": gettext_lazy("only whom the account follows"),
    "nobody": gettext_lazy("nobody"),
}
WARNINGS = ("content_warning", "spoiler_text", "warning")
UNSAID = {*WARNINGS, "language", "card", "card_title", "card_description", ""}


@dataclass(frozen=True, slots=True)
class Place:
    """A channel by its full name."""

    name: str
    platform: str
    monogram: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The very copy that will be sent."""

    pk: int
    alt: str
    width: int
    height: int
    source: int
    cut: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One text that goes out: the post, a further part of its thread, or the first comment."""

    kind: str
    words: str
    link: str
    warning: str
    facts: tuple[tuple[str, str], ...]
    pictures: tuple[Picture, ...]
    links: tuple[tuple[str, str], ...] = ()
    card: Card | None = None

    @property
    def label(self) -> str:
        """Return what it is, for all but the post itself."""
        return "" if self.kind == PartKind.POST else str(PartKind(self.kind).label)

    @property
    def looks(self) -> tuple[Any, ...]:
        """Return all that a person would see, so that equal ones are shown once."""
        pictures = tuple((one.source, one.cut, one.alt) for one in self.pictures)
        return (self.kind, self.words, self.link, self.warning, self.facts, self.links, self.card, pictures)


@dataclass(slots=True)
class Block:
    """What one or more channels get alike, and when."""

    pieces: tuple[Piece, ...]
    wall: datetime
    due_at: datetime
    zone: str
    places: list[Place] = field(default_factory=list)


@dataclass(slots=True)
class Face:
    """A whole revision as it is looked at."""

    revision: Revision
    blocks: list[Block]

    @property
    def wall(self) -> datetime:
        """Return the first hour."""
        return min((block.wall for block in self.blocks), default=self.revision.post.wall)

    @property
    def due_at(self) -> datetime:
        """Return the first instant."""
        return min((block.due_at for block in self.blocks), default=self.revision.post.due_at)

    @property
    def has_several_hours(self) -> bool:
        """Whether channels differ in their hour."""
        return len({block.due_at for block in self.blocks}) > 1

    @property
    def places(self) -> list[Place]:
        """Return every channel."""
        return [place for block in self.blocks for place in block.places]

    @property
    def cover(self) -> Picture | None:
        """Return the picture that stands for it."""
        return next((one for block in self.blocks for piece in block.pieces for one in piece.pictures), None)

    @property
    def is_shared(self) -> bool:
        """Whether all channels show the same pictures on the post itself, so that they stand once above the words."""
        return len({piece.looks[-1] for block in self.blocks for piece in block.pieces[:1]}) == 1

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Return the pictures that all channels share."""
        return self.blocks[0].pieces[0].pictures if self.is_shared and self.blocks[0].pieces else ()


def with_sheets(revisions: QuerySet[Revision]) -> QuerySet[Revision]:
    """Load revisions with their sheets and channels in two queries."""
    sheets = Sheet.objects.select_related("channel__profile").order_by("pk")
    return revisions.select_related("post__brand").prefetch_related(Prefetch("sheets", queryset=sheets))


def faces_of(revisions: Iterable[Revision]) -> dict[int, Face]:
    """Return the face of each revision (read ``with_sheets``) by its id; one query for all pictures."""
    chosen = list(revisions)
    wanted = {pk for revision in chosen for sheet in revision.sheets.all() for pk in sheet.files}
    files = StoredFile.objects.in_bulk(wanted)
    return {revision.pk: Face(revision, _blocks(revision, files)) for revision in chosen}


def file_ids(revisions: Iterable[Revision]) -> set[int]:
    """Return every picture of some revisions."""
    return {pk for revision in revisions for sheet in revision.sheets.all() for pk in sheet.files}


def _blocks(revision: Revision, files: dict[int, StoredFile]) -> list[Block]:
    """Return the sheets, those that look alike joined."""
    blocks: dict[tuple[Any, ...], Block] = {}
    for sheet in revision.sheets.all():
        adapter = adapter_of(sheet.channel.profile.platform)
        pieces = tuple(_piece(sheet, part, files) for part in sheet.content)
        key = (sheet.due_at, *(piece.looks for piece in pieces))
        block = blocks.setdefault(key, Block(pieces, sheet.wall, sheet.due_at, sheet.zone))
        block.places.append(Place(sheet.channel.name, adapter.name, adapter.monogram))
    return sorted(blocks.values(), key=lambda block: block.due_at)


def _piece(sheet: Sheet, part: dict[str, Any], files: dict[int, StoredFile]) -> Piece:
    content = content_of(part, files)
    adapter = adapter_of(sheet.channel.profile.platform)
    shown = adapter.shown(content, target_of(sheet.channel))
    words = shown.text
    pictures = tuple(_picture(files[pk], alt) for pk, _sha256, alt, _focus in part["files"])
    options: dict[str, Any] = part["options"]
    warning = next((str(options[name]) for name in WARNINGS if options.get(name)), "")
    is_said = part["link"] in words or shown.card or part["link"] in {address for _, address in shown.links}
    link = "" if is_said else part["link"]
    is_post = part["kind"] == PartKind.POST
    facts = tuple(_facts(options, part["language"], sheet)) if is_post else ()
    addresses = [address for short, address in shown.links if short != address]
    addresses += [shown.card.address] if shown.card else []
    whole = tuple((_("Where the link leads"), address) for address in dict.fromkeys(addresses))
    said = warning if is_post else ""
    return Piece(part["kind"], words, link, said, (*facts, *whole), pictures, shown.links, shown.card)


def _picture(stored: StoredFile, alt: str) -> Picture:
    cut = crop_in(stored.recipe)
    return Picture(stored.pk, alt, stored.width, stored.height, stored.source_id or stored.pk, cut)


def _facts(options: dict[str, Any], language: str, sheet: Sheet) -> Iterable[tuple[str, str]]:
    """Name the options that differ from what everybody expects; one that we do not know is shown as it is."""
    own = sheet.revision.post.brand.language
    if language and language != own:
        yield _("Language"), _language(language)
    for name, value in sorted(options.items()):
        if name in UNSAID or value in ("", None, False, "public"):
            continue
        if name == "visibility":
            yield _("Who sees it"), str(VISIBILITY.get(str(value), value))
        elif name == "reply_rule":
            yield _("Who may answer"), str(ANSWERING.get(str(value), value))
        elif name == "sensitive":
            yield _("Pictures"), _("covered until the reader uncovers them")
        else:
            yield name.replace("_", " "), str(value)


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
