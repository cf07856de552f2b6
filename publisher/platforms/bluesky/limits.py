"""Counting as the network counts, and every breach of its rules, without a call."""

from collections.abc import Iterator

from publisher.contract.base import Adapter
from publisher.contract.content import Card, Content, Length, Problem, Rendition, Shown, Target
from publisher.contract.marks import with_short_links
from publisher.contract.rules import FileRules, number, of_files, of_language, of_length, of_words
from publisher.contract.text import graphemes, with_link

LETTERS, BYTES, THUMB_BYTES = 300, 3000, 1_000_000
OURS = ("image/jpeg", "image/png", "image/webp")
EDGE = 2000
RULES = {
    "mentioned": ("mentionRule",),
    "followers": ("followerRule",),
    "following": ("followingRule",),
    "nobody": (),
}


def has_card(content: Content) -> bool:
    """Say whether the link goes out as a card: alone, or with the one picture on it. A post embeds one thing only."""
    return bool(content.link) and (not content.media or content.options.get("card") == "picture")


def card_of(content: Content) -> Card | None:
    """Return the card of the link as it was written; without a title of its own it shows the address."""
    if not has_card(content):
        return None
    title, words = (str(content.options.get(f"card_{name}") or "") for name in ("title", "description"))
    return Card(content.link, title, words, bool(content.media))


def words_of(content: Content) -> str:
    """Return the text as written, with a link that no card carries."""
    return content.text if has_card(content) else with_link(content.text, content.link)


def rules_of(target: Target) -> FileRules:
    """Return what a record takes; older servers refuse pictures above a million bytes."""
    size = number(target.limits, "image_bytes", 1_000_000)
    return FileRules(most=4, mime_types=(*OURS, "image/gif"), image_bytes=size, image_pixels=40_000_000, alt=2000)


class Limits(Adapter):
    """The part of the adapter that calls nobody."""

    def as_sent(self, content: Content, target: Target) -> str:  # noqa: ARG002  (the same on all servers)
        """Return the text with its links as short as readers see them; the whole address is behind."""
        return with_short_links(words_of(content))[0]

    def shown(self, content: Content, target: Target) -> Shown:  # noqa: ARG002  (the same on all servers)
        """Return the text with short links, and the card of the link where it has one."""
        text, marks = with_short_links(words_of(content))
        pairs = dict.fromkeys((text[mark.start : mark.end], mark.value) for mark in marks if mark.kind == "link")
        return Shown(text, tuple(pairs), card_of(content))

    def length(self, content: Content, target: Target) -> Length:
        """Count what readers see; where the bytes run out before the letters, the bytes."""
        sent = self.as_sent(content, target)
        letters, size = Length(graphemes(sent), LETTERS), Length(len(sent.encode()), BYTES)
        return size if size.over and not letters.over else letters

    def rendition(self, target: Target) -> Rendition:
        """Say how pictures have to be."""
        return rules_of(target).rendition(formats=OURS, edge=EDGE, pixels=EDGE * EDGE)

    def problems(self, content: Content, target: Target) -> list[Problem]:
        """Name every breach at once."""
        sent = self.as_sent(content, target)
        found = [*of_words(content, sent or content.link), *of_length(Length(graphemes(sent), LETTERS))]
        over = len(sent.encode()) - BYTES
        if over > 0:
            found.append(Problem("text_too_many_bytes", "text", {"limit": BYTES, "over": over}))
        found += [*of_files(content, rules_of(target)), *of_language(content), *of_card(content)]
        rule = str(content.options.get("reply_rule", ""))
        if rule and rule not in RULES:
            found.append(Problem("reply_rule_unknown", "options", {"rule": rule[:40]}))
        return found


def of_card(content: Content) -> Iterator[Problem]:
    """Yield what is wrong with a card: it takes one picture, and a smaller one than a post."""
    if has_card(content) and len(content.media) > 1:
        yield Problem("card_one_picture", "media")
    if has_card(content) and any(media.bytes > THUMB_BYTES for media in content.media[:1]):
        yield Problem("media_too_large", "media", {"limit": THUMB_BYTES, "used": content.media[0].bytes}, 0)
