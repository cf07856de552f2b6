"""The rows of a plan against a brand: hours, kinds, channels, pictures, links; every problem of every row is found."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from accounts.models import Brand
from calendar_app.models import Asset, Kind
from calendar_app.plan_file import MOST_VALUES, RawRow, RowProblem, split
from calendar_app.plan_hours import HourRefused, Written, read_hour, unreadable
from calendar_app.plan_media import MediaRefused, MediaSource, known_as
from publisher.channels import channels_of, target_of
from publisher.contract.content import Content, Media
from publisher.images import Picture, PictureRefused, read_picture
from publisher.models import Channel
from publisher.platforms import adapter_of
from publisher.seals import digest_of

KINDS = {
    "": Kind.INFORMATIONAL,
    "informational": Kind.INFORMATIONAL,
    "informativo": Kind.INFORMATIONAL,
    "argumentative": Kind.ARGUMENTATIVE,
    "argomentativo": Kind.ARGUMENTATIVE,
    "promotional": Kind.PROMOTIONAL,
    "promozionale": Kind.PROMOTIONAL,
}
LONGEST_TITLE, LONGEST_TEXT, LONGEST_LINK, LONGEST_ID, LONGEST_CAMPAIGN = 160, 50_000, 500, 100, 120


@dataclass(frozen=True, slots=True)
class PlannedPicture:
    """A picture of a row: from the source (``name``), or one that the library already has (``asset_id``)."""

    name: str
    alt: str
    sha256: str
    asset_id: int | None = None


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row that can become a post."""

    line: int
    key: str
    title: str
    kind: str
    text: str
    link: str
    campaign: str
    wall: datetime
    fold: int
    due_at: datetime
    channels: tuple[int, ...]
    pictures: tuple[PlannedPicture, ...]

    @property
    def digest(self) -> str:
        """Return what tells the same content from another."""
        return digest_of(
            {
                "title": self.title,
                "kind": self.kind,
                "text": self.text,
                "link": self.link,
                "campaign": self.campaign,
                "due_at": self.due_at.isoformat(),
                "channels": sorted(self.channels),
                "pictures": [[one.sha256, one.alt] for one in self.pictures],
            }
        )


class RowReader:
    """Reads the rows of one file for one brand; what a row needs of the database is loaded once.

    ``given`` are pictures of the library that came with the file, by the names under which it knows them.
    """

    def __init__(
        self, *, brand: Brand, media: MediaSource, headers: dict[str, str], given: Mapping[str, int] | None = None
    ) -> None:
        self.brand = brand
        self.media = media
        self.headers = headers
        self.channels = list(channels_of(brand))
        self.seen: dict[str, Picture] = {}
        self.refused: dict[str, PictureRefused] = {}
        self.sums: dict[str, str] = {}
        self.keys: dict[str, int] = {}
        assets = list(Asset.objects.filter(brand=brand, archived_at=None).select_related("file").order_by("pk"))
        by_number = {asset.pk: asset for asset in assets}
        self.library = {asset.name: asset for asset in assets}
        self.given = {name: by_number[pk] for name, pk in (given or {}).items() if pk in by_number}

    def read(self, raw: RawRow) -> tuple[PlanRow | None, list[RowProblem]]:
        """Return the row, or all that is wrong with it."""
        problems: list[RowProblem] = []
        cells = raw.cells
        hour = self._hour(raw, problems)
        channels = self._channels(raw, problems)
        pictures, found = self._pictures(raw, problems)
        problems.extend(self._plain(raw))
        problems.extend(self._of_platforms(raw, channels, pictures, found))
        key = self._key(raw, hour, problems)
        if problems or hour is None:
            return None, problems
        row = PlanRow(
            line=raw.line,
            key=key,
            title=cells["title"],
            kind=KINDS[cells["kind"].casefold()].value,
            text=cells["text"].replace("\r\n", "\n"),
            link=cells["link"],
            campaign=cells["campaign"],
            wall=hour.wall,
            fold=hour.fold,
            due_at=hour.due_at,
            channels=tuple(channel.pk for channel in channels),
            pictures=tuple(pictures),
        )
        return row, []

    def _problem(self, raw: RawRow, column: str, code: str, **values: Any) -> RowProblem:
        return RowProblem(raw.line, self.headers.get(column, column), code, values)

    def _plain(self, raw: RawRow) -> Iterator[RowProblem]:
        """Check what needs no looking up."""
        cells = raw.cells
        if not cells["title"]:
            yield self._problem(raw, "title", "title_missing")
        for column, most in (
            ("title", LONGEST_TITLE),
            ("text", LONGEST_TEXT),
            ("link", LONGEST_LINK),
            ("id", LONGEST_ID),
            ("campaign", LONGEST_CAMPAIGN),
        ):
            if len(cells[column]) > most:
                yield self._problem(raw, column, "cell_too_long", limit=most, over=len(cells[column]) - most)
        if cells["kind"].casefold() not in KINDS:
            yield self._problem(raw, "kind", "kind_unknown", given=cells["kind"])
        if cells["link"] and not _is_address(cells["link"]):
            yield self._problem(raw, "link", "link_unknown", given=cells["link"])

    def _hour(self, raw: RawRow, problems: list[RowProblem]) -> Written | None:
        """Return the hour, or say what is wrong with the day, the time, or both."""
        day, hour = raw.cells["date"], raw.cells["time"]
        refusals = unreadable(day, hour)
        if not refusals:
            try:
                return read_hour(day, hour, zone=self.brand.zone)
            except HourRefused as refused:
                refusals = [refused]
        problems.extend(self._problem(raw, one.column, one.code, **one.values) for one in refusals)
        return None

    def _values(self, raw: RawRow, column: str, problems: list[RowProblem]) -> list[str]:
        """Return what a cell names; of a cell that names far too much nothing is looked up."""
        found = split(raw.cells[column])
        if len(found) <= MOST_VALUES:
            return found
        problems.append(self._problem(raw, column, "values_too_many", limit=MOST_VALUES))
        return []

    def _channels(self, raw: RawRow, problems: list[RowProblem]) -> list[Channel]:
        """Return the channels of a cell by name, handle, or platform where the brand has one of it."""
        wanted = self._values(raw, "channels", problems)
        if not raw.cells["channels"]:
            problems.append(self._problem(raw, "channels", "channels_missing"))
        chosen: list[Channel] = []
        for name in wanted:
            found = [channel for channel in self.channels if name.casefold() in _names(channel)]
            if len(found) == 1:
                chosen.extend(channel for channel in found if channel not in chosen)
                continue
            names = ", ".join(channel.name for channel in self.channels)
            code = "channel_ambiguous" if found else "channel_unknown"
            problems.append(self._problem(raw, "channels", code, given=name, names=names or "—"))
        return chosen

    def _pictures(self, raw: RawRow, problems: list[RowProblem]) -> tuple[list[PlannedPicture], list[Picture]]:
        names, alts = self._values(raw, "media", problems), split(raw.cells["alt"], keep_empty=True)
        if len(alts) > max(len(names), 1) or (alts and not names):
            problems.append(self._problem(raw, "alt", "alt_too_many", alts=len(alts), media=len(names)))
        pictures: list[PlannedPicture] = []
        found: list[Picture] = []
        for place, name in enumerate(names):
            alt = alts[place] if place < len(alts) else ""
            looked = self._look(name)
            if isinstance(looked, RowProblem):
                problems.append(RowProblem(raw.line, self.headers.get("media", "media"), looked.code, looked.values))
                continue
            asset, picture, sha256 = looked
            pictures.append(PlannedPicture(name, alt, sha256, asset))
            found.append(picture)
        return pictures, found

    def _look(self, name: str) -> "tuple[int | None, Picture, str] | RowProblem":
        """Find a picture in the source, else in the library by its name; each file is decoded once."""
        try:
            self._decode(name)
        except MediaRefused as refused:
            return RowProblem(0, "", refused.code)
        if name in self.refused:
            refusal = self.refused[name]
            return RowProblem(0, "", "picture_refused", {"given": name, "refusal": refusal.code, **refusal.values})
        if name in self.seen:
            return None, self.seen[name], self.sums[name]
        asset = self.given.get(known_as(name)) or self.library.get(name)
        if asset is None:
            return RowProblem(0, "", "media_unknown", {"given": name})
        stored = asset.file
        return asset.pk, Picture(stored.mime, stored.width, stored.height, 1), stored.sha256

    def _decode(self, name: str) -> None:
        if name in self.seen or name in self.refused:
            return
        data = self.media.read(name)
        if data is None:
            return
        try:
            self.seen[name] = read_picture(data)
            self.sums[name] = hashlib.sha256(data).hexdigest()
        except PictureRefused as refused:
            self.refused[name] = refused

    def _of_platforms(
        self, raw: RawRow, channels: list[Channel], pictures: list[PlannedPicture], found: list[Picture]
    ) -> Iterator[RowProblem]:
        """Name what each channel’s platform would refuse."""
        cells = raw.cells
        for channel in channels:
            adapter, target = adapter_of(channel.profile.platform), target_of(channel)
            limits = adapter.rendition(target)
            media = tuple(
                Media(
                    key=one.name,
                    path="",
                    mime=picture.mime if picture.mime in limits.formats else limits.formats[0],
                    bytes=1,
                    width=min(picture.width, limits.max_width),
                    height=min(picture.height, limits.max_height),
                    sha256=one.sha256,
                    alt=one.alt,
                )
                for one, picture in zip(pictures, found, strict=True)
            )
            content = Content(text=cells["text"], media=media, link=cells["link"], language=self.brand.language)
            for problem in adapter.problems(content, target):
                if not problem.is_warning:
                    column = problem.field if problem.field in {"text", "media", "alt", "link"} else "text"
                    values = {
                        "channel": channel.name,
                        "platform_code": problem.code,
                        "platform_values": dict(problem.values),
                    }
                    yield self._problem(raw, column, "platform", **values)

    def _key(self, raw: RawRow, hour: Written | None, problems: list[RowProblem]) -> str:
        """Return by what the row is known again: its id, else brand, date, time and title."""
        if raw.cells["id"]:
            key = f"id:{raw.cells['id'][:LONGEST_ID]}"
        else:
            when = [hour.wall.isoformat(), hour.fold] if hour else [raw.line]
            key = "row:" + digest_of([*when, raw.cells["title"]])[:40]
        if key in self.keys:
            column = "id" if raw.cells["id"] else "title"
            problems.append(self._problem(raw, column, "row_twice", first=self.keys[key]))
        self.keys.setdefault(key, raw.line)
        return key


def _names(channel: Channel) -> set[str]:
    handle = channel.profile.handle.casefold().lstrip("@")
    return {channel.name.casefold(), handle, f"@{handle}", channel.profile.platform.casefold()}


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(sign.isspace() for sign in text)
