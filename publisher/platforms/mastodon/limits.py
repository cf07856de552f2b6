"""Counting as the server counts, and every breach of its rules, without a call."""

import re

from publisher.contract.content import Content, Length, Problem, Rendition, Target
from publisher.contract.rules import FileRules, of_files, of_length
from publisher.contract.text import graphemes
from publisher.platforms.mastodon.software import software_of

NUMBERS = {
    "max_characters": 500,
    "url_length": 23,
    "max_media": 4,
    "alt": 1500,
    "image_bytes": 16_777_216,
    "image_pixels": 33_177_600,
}
OURS = ("image/jpeg", "image/png", "image/webp")
URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\"'.,;:!?)\]}]", re.IGNORECASE)
AT_DOMAIN = re.compile(r"(?<![=/\w])(@\w+(?:[.-]+\w+)*)@[\w.-]+\w")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
EDGE = 4096
SERVER_SCALES_DOWN_TO = 8_300_000


def limit_of(target: Target, name: str) -> int:
    """Return a number that the server told, or Mastodon's own."""
    found = target.limits.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else NUMBERS[name]


def rules_of(target: Target) -> FileRules:
    """Return what the server says about files."""
    told = target.limits.get("mime_types")
    return FileRules(
        most=limit_of(target, "max_media"),
        mime_types=tuple(str(kind) for kind in told) if isinstance(told, list) and told else (*OURS, "image/gif"),
        image_bytes=limit_of(target, "image_bytes"),
        image_pixels=limit_of(target, "image_pixels"),
        alt=limit_of(target, "alt"),
        needs_picture=software_of(target.software).needs_picture,
    )


def words(content: Content) -> str:
    """Return the text as it is sent: the platform has no field for a link, so it stands below unless it is in there."""
    if not content.link or content.link in content.text:
        return content.text
    return f"{content.text}\n\n{content.link}" if content.text else content.link


def length(content: Content, target: Target) -> Length:
    """Count the warning and the text; what the software does not shorten is counted in full."""
    software = software_of(target.software)
    text = words(content)
    if software.shortens:
        text = URL.sub("x" * limit_of(target, "url_length"), AT_DOMAIN.sub(r"\1", text))
    text = str(content.options.get("content_warning", "")) + text
    used = graphemes(text) if software.counts_graphemes else len(text)
    return Length(used=used, limit=limit_of(target, "max_characters"))


def rendition(target: Target) -> Rendition:
    """Say how pictures have to be: what we can paint and the server takes."""
    rules = rules_of(target)
    return Rendition(
        max_width=EDGE,
        max_height=EDGE,
        max_pixels=min(rules.image_pixels, SERVER_SCALES_DOWN_TO),
        max_bytes=rules.image_bytes,
        formats=tuple(kind for kind in OURS if kind in rules.mime_types) or OURS[:1],
    )


def problems(content: Content, target: Target) -> list[Problem]:
    """Name every breach at once."""
    found = [*of_length(length(content, target)), *of_files(content, rules_of(target))]
    if not words(content).strip() and not content.media:
        found.append(Problem("text_empty", "text"))
    if content.kind not in {"post", "part"} and not content.reply_to:
        found.append(Problem("reply_target_missing", "text"))
    visibility = content.options.get("visibility", "public")
    if visibility not in software_of(target.software).visibilities:
        found.append(Problem("visibility_unknown", "options", {"visibility": str(visibility)[:40]}))
    if content.language and not LANGUAGE.fullmatch(content.language):
        found.append(Problem("language_unknown", "options", {"language": content.language[:40]}))
    return found
