"""Links, mentions and hashtags in plain text, for platforms where nothing is active by itself.

Places are counted as Python counts; ``bytes_of`` turns them into bytes of UTF-8.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import regex

from publisher.contract.atproto.identity import HANDLE

LINK = re.compile(r"(?:(?<=\s)|(?<=\()|^)(?:https?://|www\.)\S+", re.IGNORECASE | re.MULTILINE)
MENTION = re.compile(r"(?:(?<=\s)|(?<=\()|^)@([a-zA-Z0-9.-]+)\b", re.MULTILINE)
NO_TAG = r"\s\u00AD\u2060\u200A-\u200D\u20e2"
TAG = regex.compile(rf"(?:(?<=\s)|^)[#＃](?!\ufe0f)([^{NO_TAG}]*[^\d{NO_TAG}\p{{P}}]+[^{NO_TAG}]*)", regex.MULTILINE)
AFTER_TAG = regex.compile(r"\p{P}+$")
AFTER_LINK = ".,;:!?…»”’\"'"
LONGEST_TAG, LONGEST_PATH, PATH_SHOWN = 64, 15, 13


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of text that does something: ``kind`` is link, mention or tag; ``value`` what it leads to."""

    kind: str
    start: int
    end: int
    value: str


def marks_in(text: str) -> list[Mark]:
    """Return all marks in order; where two overlap, the one that begins first counts."""
    found: list[Mark] = []
    for mark in sorted([*links_in(text), *mentions_in(text), *tags_in(text)], key=lambda one: (one.start, -one.end)):
        if not found or mark.start >= found[-1].end:
            found.append(mark)
    return found


def links_in(text: str) -> Iterator[Mark]:
    """Yield addresses without the punctuation behind them; a bracket belongs to them only if it opened there."""
    for match in LINK.finditer(text):
        words = match[0].rstrip(AFTER_LINK)
        while words.endswith((")", "]")) and words.count(words[-1]) > words.count({")": "(", "]": "["}[words[-1]]):
            words = words[:-1].rstrip(AFTER_LINK)
        value = words if "://" in words else f"https://{words}"
        if ("." in value or "://localhost" in value) and _has_host(value):
            yield Mark("link", match.start(), match.start() + len(words), value)


def _has_host(address: str) -> bool:
    """Tell whether it can be taken apart: brackets and signs that only look like others make it none."""
    try:
        return bool(urlsplit(address).netloc)
    except ValueError:
        return False


def mentions_in(text: str) -> Iterator[Mark]:
    """Yield names that an account could have."""
    for match in MENTION.finditer(text):
        if HANDLE.fullmatch(match[1]):
            yield Mark("mention", match.start(), match.end(), match[1].lower())


def tags_in(text: str) -> Iterator[Mark]:
    """Yield hashtags in any script, without the punctuation behind them; a number alone is none."""
    for match in TAG.finditer(text):
        word = AFTER_TAG.sub("", match[1])
        if word and len(word) <= LONGEST_TAG:
            yield Mark("tag", match.start(), match.start() + 1 + len(word), word)


def short_link(words: str) -> str:
    """Return an address as Bluesky's apps write it: host, and the beginning of what follows."""
    if "://" not in words:
        return words
    parts = urlsplit(words)
    rest = words.partition("://")[2].removeprefix(parts.netloc)
    rest = "" if rest == "/" else rest
    return parts.netloc + (rest[:PATH_SHOWN] + "..." if len(rest) > LONGEST_PATH else rest)


def with_short_links(text: str) -> tuple[str, list[Mark]]:
    """Return the text with its links written short, and all marks at their new places."""
    pieces: list[str] = []
    marks: list[Mark] = []
    done, length = 0, 0
    for mark in marks_in(text):
        words = text[mark.start : mark.end]
        shown = short_link(words) if mark.kind == "link" else words
        pieces += [text[done : mark.start], shown]
        start = length + mark.start - done
        marks.append(replace(mark, start=start, end=start + len(shown)))
        done, length = mark.end, start + len(shown)
    return "".join([*pieces, text[done:]]), marks


def bytes_of(text: str, mark: Mark) -> tuple[int, int]:
    """Return where a mark begins and ends, in bytes of UTF-8."""
    start = len(text[: mark.start].encode())
    return start, start + len(text[mark.start : mark.end].encode())
