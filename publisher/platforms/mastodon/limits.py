"""Counting as the server counts, and every breach of its rules, without a call."""

from publisher.contract.content import Content, Length, Problem, Rendition, Target
from publisher.contract.rules import FileRules, number, of_files, of_language, of_length
from publisher.contract.software import Software, TrustsSoftware
from publisher.contract.text import AT_DOMAIN, URL, graphemes, with_link
from publisher.platforms.mastodon.software import software_of

OURS = ("image/jpeg", "image/png", "image/webp")
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


def words(content: Content) -> str:
    """Return the text as it is sent: there is no field for a link, so it stands below unless it is in there."""
    return with_link(content.text, content.link)


class Limits(TrustsSoftware):
    """The part of the adapter that calls nobody."""

    def software(self, target: Target) -> Software:
        """Return what is known of the server's software."""
        return software_of(target.software)

    def as_sent(self, content: Content, target: Target) -> str:  # noqa: ARG002  (the same on all of its servers)
        """Return the text with its link."""
        return words(content)

    def length(self, content: Content, target: Target) -> Length:
        """Count the warning and the text; what the software does not shorten is counted in full."""
        software = software_of(target.software)
        text = words(content)
        if software.shortens:
            text = URL.sub("x" * number(target.limits, "url_length", 23), AT_DOMAIN.sub(r"\1", text))
        text = str(content.options.get("content_warning", "")) + text
        used = graphemes(text) if software.counts_graphemes else len(text)
        return Length(used=used, limit=number(target.limits, "max_characters", 500))

    def rendition(self, target: Target) -> Rendition:
        """Say how pictures have to be: what we can paint and the server takes."""
        rules = rules_of(target)
        return Rendition(
            max_width=EDGE,
            max_height=EDGE,
            max_pixels=min(rules.image_pixels, SERVER_SCALES_DOWN_TO),
            max_bytes=rules.image_bytes,
            formats=tuple(kind for kind in OURS if kind in rules.mime_types) or OURS[:1],
        )

    def problems(self, content: Content, target: Target) -> list[Problem]:
        """Name every breach at once."""
        found = [*of_length(self.length(content, target)), *of_files(content, rules_of(target)), *of_language(content)]
        if not words(content).strip() and not content.media:
            found.append(Problem("text_empty", "text"))
        if content.kind not in {"post", "part"} and not content.reply_to:
            found.append(Problem("reply_target_missing", "text"))
        visibility = content.options.get("visibility", "public")
        if visibility not in software_of(target.software).visibilities:
            found.append(Problem("visibility_unknown", "options", {"visibility": str(visibility)[:40]}))
        return found
