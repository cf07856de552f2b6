"""A desk in full use, for journeys in a browser: ``python -m tests.community.seed_desk`` prints what it made."""

import io
import itertools
import json
import os
import sys
import time
from datetime import timedelta
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.utils import timezone
from PIL import Image

from accounts.models import Brand, Role, User
from calendar_app.models import Post, Revision
from community import moderation
from community.models import (
    Comment,
    CommentVersion,
    Conversation,
    Direction,
    ModerationAct,
    ReplyDraft,
    ReplyState,
    Visibility,
)
from community.threads import open_thread
from community.waiting import recount
from publisher.models import Attachment, Channel, PublicationKind
from tests import make
from tests.browser.seeds import signed_in
from tests.community import make_community
from tests.community.make_community import make_comment, make_out
from tests.make import make_agency, make_brand, make_member
from tests.publisher import make_publisher
from tests.publisher.make_publisher import ZONE, make_channel, make_publication, make_stored_file

BRIEF = {
    "purpose": "Vendere le ultime cassette regalo a chi ci segue, senza fretta e senza sconti inventati.",
    "claims": "Spedizione in 48 ore in Italia. Vetro sostituito sempre, a nostre spese.",
    "agreed_answers": "Merce danneggiata: scuse, presa in carico in pubblico, poi in privato. Due bottiglie partono il giorno dopo.",
    "expert": "Dario Conti, magazzino",
    "question": "",
    "thread_plan": "",
}
OTHERS = [
    ("Anna Righi", "Che meraviglia! Si può visitare anche con bambini piccoli?", 12),
    ("tom.k", "Do you ship to Germany? And is the red one vegan?", 40),
    ("Marta D.", "Ci siamo stati sabato, personale gentilissimo e vini ottimi. Torneremo!", 900),
    ("Giorgio S.", "Sempre lo stesso post, ogni anno uguale…", 1500),
    ("Chiara Festa", "Avete ancora posto per la degustazione di venerdì 11?", 3000),
]


def make_desk(picture: bytes = b"", brand: Brand | None = None) -> dict[str, Any]:
    """Return what a journey needs to know: brand, conversation, comment, people."""
    brand = brand or make_brand(make_agency(), "Cantina Valdoro", colour="")
    people = {name: make_member(full, brand, role) for name, full, role in PEOPLE}
    channel = make_channel(brand, name="Mastodon Valdoro")
    thread = make_planned_thread(channel, "Cassette regalo, ultimi giorni", picture=picture)
    comment = _talk(thread, people["mo"])
    for number, (name, words, minutes) in enumerate(OTHERS):
        other = make_planned_thread(channel, f"Post {number}", hours_ago=30)
        make_comment(other, words, name=name, minutes_ago=minutes)
    talk = make_moderated_thread(make_channel(brand, name="Bluesky Valdoro", platform="bluesky"), people["mo"])
    return {"brand": brand, "conversation": thread, "comment": comment, "people": people, "talk": talk}


def make_moderated_thread(channel: Channel, mo: User) -> Comment:
    """Return a comment of a quiet thread in which one was hidden and one reported, nobody knows whether for good."""
    thread, now = make_planned_thread(channel, "Vendemmia", hours_ago=30), timezone.now()
    hidden, reported, last = (
        make_comment(thread, words, name="Paolo Neri", minutes_ago=1200 - number, handled_at=now)
        for number, words in enumerate(("Siete dei ladri", "Guadagna da casa: havn.example.com/soldi", ""))
    )
    link = '<p>Guadagna da casa: <a href="https://havn.example.com/soldi/subito">havn.example.com/soldi</a></p>'
    Comment.objects.filter(pk=hidden.pk).update(visibility=Visibility.HIDDEN)
    Comment.objects.filter(pk=reported.pk).update(html=link)
    quote = {"type": "quote", "description": "@ida.example.net: Buonissimo"}
    Comment.objects.filter(pk=last.pk).update(extra={"media": [quote], "labels": ["spam"]})
    for comment, act, state in ((hidden, "hide", "done"), (reported, "report", "unknown"), (last, "mute", "failed")):
        ModerationAct.objects.create(
            comment=comment, act=act, state=state, by=mo, rule="Niente insulti", problem_code="server_busy"
        )
    return last


PEOPLE = (("mara", "Mara Conte", Role.MANAGER), ("mo", "Mo Ferri", Role.MODERATOR), ("ed", "Ed Sala", Role.EDITOR))


def make_planned_thread(
    channel: Channel, title: str, *, hours_ago: int = 3, picture: bytes = b"", brief: dict[str, str] | None = None
) -> Conversation:
    """Return the conversation under a post that was planned, approved with a brief, and is out."""
    now = timezone.now()
    out_at = now - timedelta(hours=hours_ago)
    post = Post.objects.create(
        brand=channel.brand, title=title, brief=brief or BRIEF, wall=out_at.replace(tzinfo=None), zone=ZONE,
        due_at=out_at, feed_changed_at=now,
    )  # fmt: skip
    Revision.objects.create(post=post, number=1, title=title, kind=post.kind, brief=post.brief, digest="0" * 64)
    text = f"{title}: tre bottiglie scelte da noi, in una cassetta di legno. Spediamo fino a giovedì."
    publication = make_out(channel, origin_key=post.key, published_at=out_at, content={"text": text})
    if picture:
        file = make_stored_file(channel.brand, picture)
        Attachment.objects.create(publication=publication, position=0, file=file, alt="Una cassetta di legno")
    return open_thread(publication)


def _talk(thread: Conversation, mo: User) -> Comment:
    now = timezone.now()
    first = make_comment(
        thread,
        "Buongiorno, il pacco è arrivato con due bottiglie rotte. A chi posso scrivere per il rimborso?",
        name="Luca Bassi",
        minutes_ago=130,
        language="it",
    )
    _answered(
        first, mo, "Buongiorno Luca, ci dispiace molto. Le scriviamo subito in privato per organizzare la sostituzione."
    )
    second = make_comment(
        thread,
        "Va bene, grazie. Ho le foto del pacco se servono.",
        name="Luca Bassi",
        minutes_ago=108,
        parent_remote_id=first.remote_id,
        url="https://social.example/2",
    )
    moderation.note(thread, by=mo, text="Magazzino avvisato: due bottiglie di Valdoro 2024 in partenza domani.")
    edited = make_comment(thread, "A me invece è arrivato tutto bene.", name="Ines Moro", minutes_ago=50, edited_at=now)
    CommentVersion.objects.create(comment=edited, number=1, text="Anche a me è arrivato rotto.", seen_at=now)
    gone = make_comment(thread, "Non compro più niente da voi.", name="Paolo \u202eV.", minutes_ago=45)
    Comment.objects.filter(pk=gone.pk).update(visibility=Visibility.VANISHED)
    CommentVersion.objects.create(comment=gone, number=1, text=gone.text, seen_at=now)
    for name, words, state, code in TROUBLED:
        comment = make_comment(thread, words, name=name, minutes_ago=30)
        _draft(comment, mo, "Grazie del messaggio, rispondiamo entro oggi.", state=state, problem_code=code)
    recount(thread.pk)
    return second


TROUBLED = (
    ("Marta Rinaldi", "Si può ritirare in cantina?", "failed", "text_too_long"),
    ("Tommaso Galli", "Quanto costa la cassetta?", "unknown", ""),
    ("Anna Weber", "Wird auch nach Deutschland geliefert?", "waiting", ""),
)


def _draft(comment: Comment, by: User, text: str, **fields: Any) -> ReplyDraft:
    publication = make_publication(
        comment.channel,
        kind=PublicationKind.REPLY,
        reply_to=comment.remote_id,
        problem_values={"limit": 500, "over": 3},
        **fields,
    )
    draft = ReplyDraft.objects.create(
        key=publication.origin_key, brand=comment.brand, comment=comment, author=by, text=text,
        state=ReplyState.HANDED_OVER, publication=publication,
    )  # fmt: skip
    if fields.get("state") not in {"failed", "unknown"}:
        Comment.objects.filter(pk=comment.pk).update(handled_at=timezone.now())
    return draft


def _answered(comment: Comment, by: User, text: str) -> None:
    draft = _draft(comment, by, text, state="published", remote_id=f"a{comment.pk}", published_at=timezone.now())
    Comment.objects.create(
        brand=comment.brand, conversation=comment.conversation, channel=comment.channel, remote_id=f"a{comment.pk}",
        parent=comment, parent_remote_id=comment.remote_id, direction=Direction.OUTBOUND, publication=draft.publication,
        text=text, remote_at=comment.remote_at + timedelta(minutes=8), fetched_at=timezone.now(),
    )  # fmt: skip


def drawn() -> bytes:
    """Return a picture in one colour."""
    held = io.BytesIO()
    Image.new("RGB", (120, 120), "#6d2337").save(held, "PNG")
    return held.getvalue()


def told(brand: Brand, conversation: Conversation, comment: Comment) -> dict[str, int]:
    """Return the ids that a journey needs."""
    return {"brand": brand.pk, "conversation": conversation.pk, "comment": comment.pk}


def _count_from_now() -> None:
    """Each run is a process of its own: names go on from the hour, so that no two runs make the same one."""
    for made in (make, make_publisher, make_community):
        made.NUMBER = itertools.count(time.time_ns() // 1_000_000)


def _said(words: list[str]) -> dict[str, Any]:
    """Do what the command line asks: make a desk, or let somebody write in one of its conversations."""
    if words:
        conversation = Conversation.objects.get(pk=int(words[0]))
        return {"comment": make_comment(conversation, words[1], name="Ida Berti", minutes_ago=0).pk}
    made = make_desk(drawn())
    people = {name: signed_in(user) for name, user in made["people"].items()}
    talk = {"talk": made["talk"].conversation_id, "about": made["talk"].pk}
    return told(made["brand"], made["conversation"], made["comment"]) | talk | people


if __name__ == "__main__":
    _count_from_now()
    sys.stdout.write(json.dumps(_said(sys.argv[1:])) + "\n")
