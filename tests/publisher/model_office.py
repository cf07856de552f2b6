"""The people of the model: they plan, approve, edit, withdraw, stop, answer and settle; what they allowed is noted."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import Brand, Role, User
from accounts.wall import wall_of
from calendar_app import approval
from calendar_app.drafting import PostChanges, move, save_post
from calendar_app.models import Approval, Pack, Post
from calendar_app.refusals import Refusal
from community import replies
from community.models import Comment, ReplyDraft
from publisher import outbox, states
from publisher.models import Channel, Publication, Stop
from publisher.sentences import SENTENCES
from tests.calendar_app.make_plan import link_to, make_client, make_pack, make_post, make_rule
from tests.community.make_community import make_comment, make_thread
from tests.make import make_brand, make_member
from tests.publisher.make_publisher import make_channel, make_parcel, make_permit
from tests.publisher.model_judge import ADAPTERS, Judge, Pass, StopNote

TOLERANCE_S = 15 * 60.0
PATIENCE_S = 3600.0
SETTLES_AFTER_S = 60.0
REFUSALS = (
    Refusal,
    outbox.AlreadyOutError,
    outbox.BeyondAcceptedError,
    outbox.TooLateError,
    replies.AlreadyAnsweredError,
    replies.CannotAnswerError,
)


@dataclass
class Office:
    """Two brands, five channels on four servers (one page is shared), a client, a moderator, and comments to answer."""

    judge: Judge
    brands: list[Brand] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    due: dict[uuid.UUID, float] = field(default_factory=dict)
    answered: dict[int, list[tuple[str, bool]]] = field(default_factory=dict)
    number: int = 0

    def __post_init__(self) -> None:
        first = make_brand()
        self.brands = [first, make_brand(first.agency, "Frantoio Bassi")]
        for slug in ADAPTERS:
            self.channels.append(make_channel(self.brands[0], platform=slug, server=f"https://{slug}.example"))
        self.channels.append(make_channel(self.brands[1], profile=self.channels[1].profile, platform="readable"))
        for brand in self.brands:
            make_rule(brand, "client")
            make_client(brand)
        self.mo = make_member("Mo", first, Role.MODERATOR)
        self.mara = make_member("Mara", first, Role.MANAGER)
        for channel in self.channels[:4]:
            self.comments.append(make_comment(make_thread(channel, f"root{channel.pk}")))

    # what was allowed

    def note(self, row: Publication, *, text: str, due: float, tolerance_s: float = TOLERANCE_S, **more: str) -> Pass:
        """Write down what people allowed, from what they typed and not from the row."""
        made = Pass(
            identity=(row.origin_key, row.profile_id, row.kind, row.part), text=text, due=due,
            late_after=due + tolerance_s, brand=row.brand_id, agency=row.brand.agency_id, channel=row.channel_id, **more,
        )  # fmt: skip
        self.judge.passes[str(row.key)] = made
        return made

    def void(self, origin: uuid.UUID) -> None:
        for one in self.judge.passes.values():
            one.is_void = one.is_void or one.identity[0] == origin

    def learn(self, post: Post, *, text: str, due: float) -> None:
        """Note the rows that a decision of people has made."""
        for row in Publication.objects.filter(origin_key=post.key).select_related("brand"):
            if str(row.key) not in self.judge.passes:
                self.note(row, text=text, due=due)

    def tried(self, act: Callable[[], Any]) -> bool:
        """Do it, or be refused with a sentence."""
        try:
            with transaction.atomic():
                act()
        except REFUSALS:
            return False
        return True

    # planning

    def words(self, about: str) -> str:
        self.number += 1
        return f"{about} {self.number}"

    def plan(self, channels: Iterable[int], *, ahead_s: float) -> None:
        """Write a post, send it to the client, and let her approve it."""
        chosen = [self.channels[index] for index in sorted(set(channels))]
        brand = chosen[0].brand
        at = datetime.fromtimestamp((self.judge.universe.now + ahead_s) // 60 * 60 + 60, UTC)
        post = make_post(
            brand, [one for one in chosen if one.brand_id == brand.pk], wall=wall_of(at=at, zone=brand.zone), text=self.words("Post")
        )
        self.posts.append(post)
        self.due[post.key] = at.timestamp()
        self.ask(post)

    def ask(self, post: Post) -> None:
        fresh = Post.objects.select_related("brand__agency").get(pk=post.pk)
        if self.tried(lambda: make_pack([fresh])):
            self.decide(fresh)

    def decide(self, post: Post) -> None:
        asked = Approval.objects.filter(revision__post=post, state="asked").select_related("revision", "pack", "reviewer")
        one = asked.get()
        if self.tried(
            lambda: approval.approve(one, by=one.reviewer, digest=one.revision.digest, link=link_to(one.pack, one.reviewer))
        ):
            self.learn(post, text=post.text, due=self.due[post.key])

    def chain(self, index: int, *, ahead_s: float) -> None:
        """Hand over a post with a first comment, as scheduling does."""
        channel, origin = self.channels[index], uuid.uuid4()
        at = self.judge.universe.at + timedelta(seconds=ahead_s)
        texts = [self.words("Post"), self.words("Commento")]
        same: dict[str, Any] = {"due_at": at, "origin_key": origin}
        parcels = [
            make_parcel(channel, text=texts[0], **same),
            make_parcel(channel, text=texts[1], kind="first_comment", after=0, **same),
        ]
        rows = outbox.enqueue(parcels, permit=make_permit(sealed_at=self.judge.universe.at))
        self.note(rows[0], text=texts[0], due=at.timestamp())
        self.note(rows[1], text=texts[1], due=at.timestamp(), follows=str(rows[0].key))

    def edit(self, index: int, *, asks_again: bool) -> None:
        """Change the words: what had been approved is void."""
        if not self.posts:
            return
        post = Post.objects.select_related("brand__agency").get(pk=self.posts[index % len(self.posts)].pk)
        changes = PostChanges(text=self.words("Post"))
        if self.tried(lambda: save_post(post, version=post.version, by=None, changes=changes)):
            self.void(post.key)
            if asks_again:
                self.ask(post)

    def withdraw(self, index: int) -> None:
        if not self.posts:
            return
        post = self.posts[index % len(self.posts)]
        given = Approval.objects.filter(revision__post=post, state="approved").select_related("revision", "pack", "reviewer")
        one = given.order_by("-pk").first()
        if one is not None and self.tried(
            lambda: approval.withdraw(one, by=one.reviewer, link=link_to(one.pack, one.reviewer))
        ):
            self.void(post.key)

    def move(self, index: int, *, minutes: int) -> None:
        """Another hour within what was accepted: the rows of the old one are over, new ones have the same pass."""
        if not self.posts:
            return
        post = Post.objects.select_related("brand__agency").get(pk=self.posts[index % len(self.posts)].pk)
        old = {key for key, one in self.judge.passes.items() if one.identity[0] == post.key}
        if self.tried(lambda: move(post, wall=post.wall + timedelta(minutes=minutes), by=None)):
            self.due[post.key] += minutes * 60
            for key in old:
                self.judge.passes[key].is_void = True
            self.learn(post, text=post.text, due=self.due[post.key])

    # the brake

    def stop(self, scope: str, index: int) -> None:
        """Put the hand on the brake; the client's is the one of a post."""
        channel = self.channels[index % len(self.channels)]
        value: Any = {"agency": channel.brand.agency_id, "brand": channel.brand_id, "channel": channel.pk}.get(scope)
        if scope == "post":
            if not self.posts:
                return
            post = self.posts[index % len(self.posts)]
            found = self._ferma(post)
            if found is None:
                return
            value = post.key
        else:
            where = {"agency": channel.brand.agency, "brand": channel.brand, "channel": channel}
            found = outbox.stop(scope=scope, reason="prova", by=None, **({} if scope == "all" else {scope: where[scope]}))
        self.judge.stops.setdefault(found.pk, StopNote(scope, value, self.judge.universe.now))

    def _ferma(self, post: Post) -> Stop | None:
        pack = Pack.objects.filter(items__revision__post=post).order_by("-pk").first()
        if pack is None:
            return None
        cleo = User.objects.get(memberships__brand=post.brand, memberships__role=Role.CLIENT)
        return approval.stop_post(post, by=cleo, link=link_to(pack, cleo))

    def lift(self, index: int) -> None:
        """Take the hand off again; what was held must not go out in a burst."""
        if not self.judge.stops:
            return
        pk = sorted(self.judge.stops)[index % len(self.judge.stops)]
        note = self.judge.stops.pop(pk)
        for channel in self.channels:
            if any(note.covers(one) for one in self.judge.passes.values() if one.identity[1] == channel.profile_id):
                self.judge.lifted[channel.profile_id] = [self.judge.universe.now]
        outbox.resume(Stop.objects.get(pk=pk), by=self.mara)

    # comments

    def answer(self, index: int, *, knowingly: bool) -> None:
        """A moderator answers; a second one by mistake is refused."""
        comment = Comment.objects.select_related("brand", "channel__profile", "conversation", "identity").get(
            pk=self.comments[index % len(self.comments)].pk
        )
        text, made = self.words("Risposta"), []
        if not self.tried(lambda: made.append(replies.answer(comment, by=self.mo, text=text, knowingly=knowingly))):
            return
        row = made[0].publication
        self.note(row, text=text, due=self.judge.universe.now, tolerance_s=PATIENCE_S, answers=comment.remote_id)
        self.answered.setdefault(comment.pk, []).append((str(row.key), knowingly))

    # what needs a hand

    def help(self, index: int, act: str) -> None:
        """Do what the buttons of *Uscite* and of a conversation do."""
        rows = Publication.objects.filter(key__in=list(self.judge.passes)).select_related("brand").order_by("pk")
        found = list(rows.filter(state__in=HELPS[act]))
        if found:
            row = found[index % len(found)]
            draft = ReplyDraft.objects.filter(key=row.origin_key).select_related("publication", "comment").first()
            getattr(self, f"_{act}")(row, draft)

    def _retry(self, row: Publication, draft: ReplyDraft | None) -> None:
        self.tried(lambda: replies.retry(draft, by=self.mo) if draft else outbox.retry(row, by=None))

    def _drop(self, row: Publication, draft: ReplyDraft | None) -> None:
        if self.tried(lambda: replies.give_up(draft, by=self.mo) if draft else outbox.drop(row, by=None)):
            self.judge.passes[str(row.key)].is_void = True

    def _settle(self, row: Publication, draft: ReplyDraft | None) -> None:
        """Look on the platform a minute after the last call, when nothing is on its way any more, and say what is there."""
        key = str(row.key)
        one = self.judge.passes[key]
        if self.judge.universe.now - one.left < SETTLES_AFTER_S or (key not in self.judge.posts and self.judge.may_be_out(key)):
            return
        is_out = key in self.judge.posts
        self.tried(
            lambda: replies.settle(draft, is_out=is_out, by=self.mo) if draft else outbox.settle(row, is_out=is_out, by=None)
        )

    # what must always be true

    def check(self) -> None:
        """Hold every row against what the servers know and what has to come next."""
        judge = self.judge
        judge.look_at_tries()
        sending: list[int] = []
        rows = Publication.objects.filter(key__in=list(judge.passes)).order_by("pk")
        for row in rows:
            key = str(row.key)
            if row.state in {"waiting", "held", "claimed", "failed", "missed", "canceled"}:
                judge.says(not judge.may_be_out(key), f"said to be {row.state} and (perhaps) out: {row}")
            if row.state == "published":
                judge.says(key in judge.posts, f"said to be out and is not: {row}")
            judge.says(has_next(row), f"nobody looks after {row}: {row.next_at} {row.lease_until} {row.problem_code!r}")
            sending += [row.profile_id] if row.state == "sending" else []
        judge.says(len(sending) == len(set(sending)), "two calls at once to one profile")
        for comment, given in self.answered.items():
            keys = [key for key, knowingly in given if not knowingly]
            living = [row for row in rows if str(row.key) in keys and row.state in states.LIVE]
            judge.says(len(living) <= 1, f"two living answers to comment {comment}")
            judge.says(sum(key in judge.posts for key in keys) <= 1, f"two answers out to comment {comment}")
        assert not judge.wrong, judge.wrong


HELPS = {"retry": ["failed"], "drop": ["waiting", "held", "claimed", "failed", "missed"], "settle": ["unknown"]}


def has_next(row: Publication) -> bool:
    """Tell whether a row is over, has a next step that somebody takes, or stands in front of a person with a sentence."""
    if row.state in {"claimed", "sending"}:
        return row.lease_until is not None and row.owner != ""
    if row.state == "unknown":
        return row.next_at is not None or row.lease_until is not None or row.problem_code == "still_unknown"
    if row.state in {"failed", "missed"}:
        return row.problem_code in SENTENCES
    return True
