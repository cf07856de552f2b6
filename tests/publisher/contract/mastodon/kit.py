"""What the suite has to know about the Mastodon family."""

from pathlib import Path

from publisher.contract.content import Content, Media, Target
from tests.publisher.contract.kit import Kit, read_recorded
from tests.publisher.contract.mastodon.memory import memory
from tests.publisher.contract.mastodon.servers import mastodon_mock, sandbox

PICTURE = Media(
    key="k", path="/nowhere", mime="image/jpeg", bytes=9000, width=30, height=20, sha256="0" * 64, alt="Una vigna"
)


def picture(**changes: object) -> Media:
    """Return a picture with something else about it."""
    fields = {name: getattr(PICTURE, name) for name in Media.__dataclass_fields__}
    return Media(**{**fields, **changes})  # type: ignore[arg-type]  # the fields of a picture


KIT = Kit(
    slug="mastodon",
    worlds={
        "memory": memory,
        "sandbox-keyed": sandbox("keyed"),
        "sandbox-readable": sandbox("readable"),
        "sandbox-opaque": sandbox("opaque"),
        "mastodon-mock": mastodon_mock,
    },
    recorded=tuple(read_recorded(Path(__file__).with_name("recorded.json"))),
    breaches=(
        (Content(text=" "), "text_empty"),
        (Content(text="x" * 501), "text_too_long"),
        (Content(text="x" * 480, options={"content_warning": "y" * 21}), "text_too_long"),
        (Content(text="x", media=(PICTURE,) * 5), "too_many_media"),
        (Content(text="x", media=(PICTURE, picture(mime="video/mp4"))), "media_mixed"),
        (Content(text="x", media=(picture(mime="image/tiff"),)), "media_type"),
        (Content(text="x", media=(picture(bytes=17_000_000),)), "media_too_large"),
        (Content(text="x", media=(picture(width=9000, height=9000),)), "media_too_many_pixels"),
        (Content(text="x", media=(picture(alt="a" * 1501),)), "alt_too_long"),
        (Content(text="x", media=(picture(alt=""),)), "alt_missing"),
        (Content(text="x", options={"visibility": "nobody"}), "visibility_unknown"),
        (Content(text="x", language="Italian!"), "language_unknown"),
        (Content(text="x", kind="reply"), "reply_target_missing"),
    ),
    target=Target(server="https://social.example", remote_id="1001", software="mastodon", version="4.5.3"),
    lengths=(
        ("", 0),
        ("perché", 6),
        ("👨‍👩‍👧‍👦🇮🇹👍🏽", 3),
        ("e\u0301", 1),
        ("x" * 477 + " https://havn.example.com/a/very/long/path/over/23/characters", 501),
        ("https://a.it", 23),
        ("Leggi https://a.it/x?y=1#z.", 30),
        ("(https://a.it/x)", 25),
        ("http://a.it e https://b.it", 49),
        ("@ida@fjord.example.net ciao", 9),
        ("@ida ciao", 9),
        ("scrivi a me@example.org", 23),
    ),
)
