"""What the suite has to know about Bluesky: answers recorded from the real server, breaches, lengths, and a world."""

from pathlib import Path

from publisher.contract.content import Content, Media, Target
from tests.publisher.contract.bluesky.memory import HANDLES, OURS, memory
from tests.publisher.contract.kit import Kit, read_recorded

PICTURE = Media(
    key="k", path="/nowhere", mime="image/jpeg", bytes=9000, width=30, height=20, sha256="0" * 64, alt="Una vigna"
)
FAMILY = "👨‍👩‍👧‍👦"


def picture(**changes: object) -> Media:
    """Return a picture with something else about it."""
    fields = {name: getattr(PICTURE, name) for name in Media.__dataclass_fields__}
    return Media(**{**fields, **changes})  # type: ignore[arg-type]  # the fields of a picture


CARD = {"card": "picture"}
KIT = Kit(
    slug="bluesky",
    worlds={"memory": memory},
    recorded=tuple(read_recorded(Path(__file__).with_name("recorded.json"))),
    breaches=(
        (Content(text=" "), "text_empty"),
        (Content(text="x" * 301), "text_too_long"),
        (Content(text=FAMILY * 140), "text_too_many_bytes"),
        (Content(text="x" * 290, link="https://a.example/b/c", media=(PICTURE,)), "text_too_long"),
        (Content(text="x", media=(PICTURE,) * 5), "too_many_media"),
        (Content(text="x", media=(PICTURE, picture(mime="video/mp4"))), "media_mixed"),
        (Content(text="x", media=(picture(mime="image/tiff"),)), "media_type"),
        (Content(text="x", media=(picture(bytes=1_000_001),)), "media_too_large"),
        (Content(text="x", media=(picture(width=9000, height=9000),)), "media_too_many_pixels"),
        (Content(text="x", media=(picture(alt="a" * 2001),)), "alt_too_long"),
        (Content(text="x", media=(picture(alt=""),)), "alt_missing"),
        (Content(text="x", link="https://a.example", options=CARD, media=(PICTURE,) * 2), "card_one_picture"),
        (Content(text="x", options={"reply_rule": "friends"}), "reply_rule_unknown"),
        (Content(text="x", language="Italian!"), "language_unknown"),
        (Content(text="x", kind="reply"), "reply_target_missing"),
    ),
    target=Target(server="https://pds.example", remote_id=OURS, handle=f"@{HANDLES[OURS]}", software="pds"),
    lengths=(
        ("", 0),
        ("perché", 6),
        (f"{FAMILY}🇮🇹👍🏽", 3),
        ("e\u0301", 1),
        ("سلام", 4),
        ("https://havn.example.com/brod", 21),
        ("https://havn.example.com/a/very/long/path/behind", 32),
        ("(https://a.it/x).", 9),
        (FAMILY * 120, 120),
        (FAMILY * 121, 3025),
        ("@ida.example.net ciao", 21),
    ),
)
