"""Counting as the server counts, and every breach of its rules, without a call."""

import re

from publisher.contract.content import Content, Length, Problem, Rendition, Shown, Target
from publisher.contract.rules import FileRules, number, of_files, of_language, of_length, of_words
from publisher.contract.software import Software, TrustsSoftware
from publisher.contract.text import AT_DOMAIN, URL, graphemes, with_link
from publisher.platforms.mastodon.software import software_of

OURS = ("image/jpeg", "image/png", "image/webp")
DRAWN = 30  # letters of an address
EDGE, SERVER_SCALES_DOWN_TO = 4096, 8_300_000


def rules_of(target: Target) -> FileRules:
    """Return what the server says about files, or Mastodon's own numbers."""
    told, limits = target.limits.get("mime_types"), target.limits
    return FileRules(
        most=number(limits, "max_media", 4),
        mime_types=tuple(str(kind) for kind in told) if isinstance(told, list) and told else (*OURS, "image/gif"),
        image_bytes=number(limits, "image_bytes", 16_777_216),
        image_pixels=number(limits, "image_pixels", 33_177_600),
        alt=number(limits, "alt", 1500),
        needs_picture=software_of(target.software).needs_picture,
    )


def drawn(address: str) -> str:
    """Return an address as the server draws it: without its beginning, and cut after thirty letters."""
    bare = re.sub(r"\Ahttps?://(www\.)?", "", address)
    return f"{bare[:DRAWN]}…" if len(bare) > DRAWN else bare


class Limits(TrustsSoftware):
    """The part of the adapter that calls nobody."""

    def software(self, target: Target) -> Software:
        """Return what is known of the server's software."""
        return software_of(target.software)

    def as_sent(self, content: Content, target: Target) -> str:  # noqa: ARG002  (the same on all of its servers)
        """Return the text with its link."""
        return with_link(content.text, content.link)

    def shown(self, content: Content, target: Target) -> Shown:
        """Return the text with its addresses as short as the server draws them; the whole address is behind."""
        text = self.as_sent(content, target)
        if not software_of(target.software).shortens:
            return Shown(text)
        whole: dict[str, str] = {}
        for address in dict.fromkeys(found[0] for found in URL.finditer(text)):
            whole.setdefault(drawn(address), address)
        pairs = {address: words for words, address in whole.items()}
        return Shown(URL.sub(lambda found: pairs.get(found[0], found[0]), text), tuple(whole.items()))

    def length(self, content: Content, target: Target) -> Length:
        """Count the warning and the text; what the software does not shorten is counted in full."""
        software = software_of(target.software)
        text = self.as_sent(content, target)
        if software.shortens:
            text = URL.sub("x" * number(target.limits, "url_length", 23), AT_DOMAIN.sub(r"\1", text))
        text = str(content.options.get("content_warning", "")) + text
        used = graphemes(text) if software.counts_graphemes else len(text)
        return Length(used=used, limit=number(target.limits, "max_characters", 500))

    def rendition(self, target: Target) -> Rendition:
        """Say how pictures have to be: what we can paint and the server takes."""
        return rules_of(target).rendition(formats=OURS, edge=EDGE, pixels=SERVER_SCALES_DOWN_TO)

    def problems(self, content: Content, target: Target) -> list[Problem]:
        """Name every breach at once."""
        lengths, files = of_length(self.length(content, target)), of_files(content, rules_of(target))
        found = [*of_words(content, self.as_sent(content, target)), *lengths, *files, *of_language(content)]
        visibility = content.options.get("visibility", "public")
        if visibility not in software_of(target.software).visibilities:
            found.append(Problem("visibility_unknown", "options", {"visibility": str(visibility)[:40]}))
        return found
