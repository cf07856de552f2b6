"""What most platforms say about text and files, checked in one place."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from publisher.contract.content import Content, Length, Media, Problem, Rendition
from publisher.contract.text import graphemes

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
CARRIERS = frozenset({"post", "part"})


@dataclass(frozen=True, slots=True)
class FileRules:
    """How many files a post takes, of which kinds and sizes, and how long a description may be."""

    most: int
    mime_types: tuple[str, ...]
    image_bytes: int
    image_pixels: int
    alt: int
    needs_picture: bool = False

    def rendition(self, *, formats: tuple[str, ...], edge: int, pixels: int) -> Rendition:
        """Return how pictures have to be: the formats that we can paint and they take."""
        return Rendition(
            max_width=edge,
            max_height=edge,
            max_pixels=min(self.image_pixels, pixels),
            max_bytes=self.image_bytes,
            formats=tuple(kind for kind in formats if kind in self.mime_types) or formats[:1],
        )


def number(limits: Mapping[str, Any], name: str, default: int) -> int:
    """Return a number that the server told, or the platform's own where it told nothing sensible."""
    found = limits.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else default


def of_language(content: Content) -> Iterator[Problem]:
    """Yield a language that is none."""
    if content.language and not LANGUAGE.fullmatch(content.language):
        yield Problem("language_unknown", "options", {"language": content.language[:40]})


def of_words(content: Content, as_sent: str) -> Iterator[Problem]:
    """Yield an empty post, and an answer to nothing."""
    if not as_sent.strip() and not content.media:
        yield Problem("text_empty", "text")
    if content.kind not in CARRIERS and not content.reply_to:
        yield Problem("reply_target_missing", "text")


def of_length(counted: Length) -> Iterator[Problem]:
    """Yield a text that is too long, and by how much."""
    if counted.over:
        yield Problem("text_too_long", "text", {"limit": counted.limit, "used": counted.used, "over": counted.over})


def of_files(content: Content, rules: FileRules) -> Iterator[Problem]:
    """Yield what is wrong with the files of a post."""
    over = len(content.media) - rules.most
    if over > 0:
        yield Problem("too_many_media", "media", {"limit": rules.most, "over": over})
    kinds = {media.mime.partition("/")[0] for media in content.media}
    if len(kinds) > 1 or (kinds - {"image"} and len(content.media) > 1):
        yield Problem("media_mixed", "media")
    if rules.needs_picture and not content.media and content.kind in CARRIERS:
        yield Problem("picture_needed", "media")
    for position, media in enumerate(content.media):
        yield from of_file(media, rules, position)


def of_file(media: Media, rules: FileRules, position: int) -> Iterator[Problem]:
    """Yield what is wrong with one file. A missing description does not block."""
    if media.mime not in rules.mime_types:
        yield Problem("media_type", "media", {"type": media.mime}, position)
    if media.mime.startswith("image/"):
        if media.bytes > rules.image_bytes:
            yield Problem("media_too_large", "media", {"limit": rules.image_bytes, "used": media.bytes}, position)
        pixels = media.width * media.height
        if pixels > rules.image_pixels:
            yield Problem("media_too_many_pixels", "media", {"limit": rules.image_pixels, "used": pixels}, position)
    over = graphemes(media.alt) - rules.alt
    if over > 0:
        yield Problem("alt_too_long", "alt", {"limit": rules.alt, "over": over}, position)
    if not media.alt.strip():
        yield Problem("alt_missing", "alt", {}, position, is_warning=True)
