"""Two brands of two agencies with one of everything, so that each can be looked at from the other’s side."""

import hashlib
import io
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts import links
from accounts.models import Agency, Brand, GuestLink, Invitation, Membership, Purpose, Role, User
from accounts.wall import wall_of
from calendar_app.models import (
    Approval,
    ApprovalRule,
    Asset,
    AssetAlt,
    Campaign,
    Feed,
    Pack,
    PackItem,
    PackLink,
    Part,
    PlanUpload,
    Post,
    PostMedia,
    Revision,
    Sheet,
    Stage,
    Variant,
)
from community.models import Comment, Conversation, Note, ReplyDraft
from community.threads import open_thread
from publisher.models import Channel, Publication, PublicationState, Stop, StopScope, StoredFile
from tests.community.make_community import make_comment, make_out
from tests.make import make_agency, make_brand, make_member, make_owner
from tests.publisher.make_publisher import make_channel, make_publication, make_stored_file

ZONE = "Europe/Rome"


@dataclass
class Side:
    """One brand, its people, and one row of each kind, made when first asked for.

    ``mark`` stands in every text: where it appears on a page of somebody else, the wall has a hole.
    """

    mark: str
    agency: Agency
    brand: Brand

    @cached_property
    def owner(self) -> User:
        return make_owner(f"{self.mark}Olga", self.agency)

    @cached_property
    def people(self) -> dict[Role, User]:
        """One person per role of the brand."""
        roles = (Role.MANAGER, Role.EDITOR, Role.MODERATOR, Role.CLIENT, Role.EXPERT)
        return {role: make_member(f"{self.mark}{role.title()}", self.brand, role) for role in roles}

    @cached_property
    def membership(self) -> Membership:
        """The role of somebody whom nobody plays: roles are changed and removed on it."""
        return Membership.objects.get(user=make_member(f"{self.mark}Emil", self.brand, Role.EDITOR))

    @cached_property
    def invitation_and_secret(self) -> tuple[Invitation, str]:
        secret = uuid.uuid4().hex * 2
        row = Invitation.objects.create(
            email=f"{self.mark.lower()}@example.test",
            agency=self.agency,
            brand=self.brand,
            role=Role.EDITOR,
            token_sha256=links.digest_of(secret),
            invited_by=self.owner,
            expires_at=timezone.now() + timedelta(days=7),
        )
        return row, secret

    @cached_property
    def channel(self) -> Channel:
        return make_channel(self.brand, name=f"{self.mark}channel")

    @cached_property
    def file(self) -> StoredFile:
        data = io.BytesIO()
        shade = int(hashlib.sha256(self.mark.encode()).hexdigest()[:6], 16)
        Image.new("RGB", (64, 48), f"#{shade:06x}").save(data, "PNG")
        return make_stored_file(self.brand, data.getvalue(), width=64, height=48)

    @cached_property
    def rendition(self) -> StoredFile:
        """The copy that is shown and sent; originals never leave."""
        data = io.BytesIO()
        Image.new("RGB", (32, 24), "#102030").save(data, "PNG")
        return make_stored_file(
            self.brand,
            data.getvalue() + self.mark.encode(),
            source=self.file,
            recipe=f"{self.mark}",
            width=32,
            height=24,
        )

    @cached_property
    def asset(self) -> Asset:
        asset = Asset.objects.create(brand=self.brand, file=self.file, name=f"{self.mark}picture")
        AssetAlt.objects.create(asset=asset, language="it", text=f"{self.mark}alternative text")
        return asset

    def make_post(self, **fields: Any) -> Post:
        """Return a draft three days ahead with one channel and one picture."""
        due_at = timezone.now().replace(second=0, microsecond=0) + timedelta(days=3)
        values: dict[str, Any] = {
            "title": f"{self.mark}title",
            "text": f"{self.mark}text",
            "brief": {"purpose": f"{self.mark}purpose", "claims": "", "agreed_answers": "", "question": ""},
            "wall": wall_of(at=due_at, zone=ZONE).replace(fold=0),
            "zone": ZONE,
            "due_at": due_at,
            "feed_changed_at": timezone.now(),
            **fields,
        }
        post = Post.objects.create(brand=self.brand, **values)
        PostMedia.objects.create(post=post, position=0, asset=self.asset)
        variant = Variant.objects.create(post=post, channel=self.channel)
        Part.objects.create(variant=variant, text=f"{self.mark}text")
        return post

    @cached_property
    def post(self) -> Post:
        return self.make_post()

    @cached_property
    def revision(self) -> Revision:
        """A frozen revision of a post in review."""
        post = self.make_post(stage="in_review", title=f"{self.mark}in review")
        digest = hashlib.sha256(f"{self.mark}{post.pk}".encode()).hexdigest()
        row = Revision.objects.create(
            post=post, number=1, title=post.title, kind=post.kind, brief=post.brief, digest=digest, made_by=self.owner
        )
        content = [
            {
                "kind": "post",
                "number": 0,
                "text": f"{self.mark}text",
                "link": "",
                "language": "it",
                "options": {},
                "files": [[self.rendition.pk, self.rendition.sha256, f"{self.mark}alternative text", ""]],
            }
        ]
        Sheet.objects.create(
            revision=row,
            channel=self.channel,
            due_at=post.due_at,
            wall=post.wall,
            zone=ZONE,
            content=content,
            files=[self.rendition.pk],
            digest=digest,
        )
        return row

    @cached_property
    def rule(self) -> ApprovalRule:
        stages = [{"stage": "client", "mode": "any"}]
        return ApprovalRule.objects.create(brand=self.brand, stages=stages, redate_within=timedelta(hours=24))

    @cached_property
    def pack(self) -> Pack:
        soon = timezone.now() + timedelta(days=2)
        pack = Pack.objects.create(brand=self.brand, title=f"{self.mark}pack", asked_by=self.owner, deadline_at=soon)
        PackItem.objects.create(pack=pack, revision=self.revision, position=0)
        return pack

    @cached_property
    def link_and_secret(self) -> tuple[GuestLink, str]:
        """The client's link into the pack."""
        soon = timezone.now() + timedelta(days=14)
        made = links.make_link(
            user=self.people[Role.CLIENT],
            agency=self.agency,
            brand=self.brand,
            purpose=Purpose.APPROVE,
            decides_until=soon,
            expires_at=soon + timedelta(days=16),
        )
        PackLink.objects.create(pack=self.pack, link=made[0])
        return made

    @property
    def link(self) -> GuestLink:
        return self.link_and_secret[0]

    def _asked(self, stage: Stage, reviewer: User) -> Approval:
        return Approval.objects.create(
            revision=self.revision, pack=self.pack, stage=stage, reviewer=reviewer, rule=self._rule_as_it_reads()
        )

    def _rule_as_it_reads(self) -> dict[str, Any]:
        people = {"internal": [self.owner.pk], "client": [self.people[Role.CLIENT].pk]}
        stages = [{"stage": "internal", "mode": "any"}, {"stage": "client", "mode": "any"}]
        return {"id": None, "stages": stages, "redate_within_s": 86_400, "people": people, "mode": "any"}

    @cached_property
    def approval(self) -> Approval:
        """What the client is asked."""
        return self._asked(Stage.CLIENT, self.people[Role.CLIENT])

    @cached_property
    def internal_approval(self) -> Approval:
        """What the owner is asked."""
        return self._asked(Stage.INTERNAL, self.owner)

    @cached_property
    def feed_and_secret(self) -> tuple[Feed, str]:
        secret = uuid.uuid4().hex * 2
        row = Feed.objects.create(
            user=self.owner,
            brand=self.brand,
            name=f"{self.mark}feed",
            token_sha256=links.digest_of(secret),
            prefix=secret[:6],
            options={"state": "all", "channels": [], "texts": True},
        )
        return row, secret

    @cached_property
    def campaign(self) -> Campaign:
        return Campaign.objects.create(brand=self.brand, name=f"{self.mark}campaign", aim=f"{self.mark}aim")

    @cached_property
    def plan_upload(self) -> PlanUpload:
        """A plan with one good row that was uploaded and looked at."""
        rows = f"date,time,title,text,channels\n2099-01-01,09:30,{self.mark}row,Words.,{self.channel.name}\n"
        return PlanUpload.objects.create(
            brand=self.brand, by=self.owner, name=f"{self.mark}plan.csv", data=rows.encode(), sha256="0" * 64
        )

    @cached_property
    def publication(self) -> Publication:
        """A publication that failed and waits for a hand."""
        content = {"text": f"{self.mark}out", "link": "", "language": "it", "options": {}}
        return make_publication(
            self.channel, state=PublicationState.FAILED, content=content, origin_key=self.post.key, problem_code="x"
        )

    @cached_property
    def reply(self) -> ReplyDraft:
        """An answer that failed on its way."""
        content = {"text": f"{self.mark}answer", "link": "", "language": "it", "options": {}}
        draft = ReplyDraft.objects.create(
            brand=self.brand, comment=self.comment, author=self.owner, text=f"{self.mark}answer", state="handed_over"
        )
        draft.publication = make_publication(
            self.channel,
            kind="reply",
            state=PublicationState.FAILED,
            content=content,
            origin_key=draft.key,
            reply_to=self.comment.remote_id,
            problem_code="server_busy",
        )
        draft.save()
        return draft

    @cached_property
    def stop(self) -> Stop:
        return Stop.objects.create(
            scope=StopScope.CHANNEL, channel=self.channel, reason=f"{self.mark}reason", by=self.owner
        )

    @cached_property
    def conversation(self) -> Conversation:
        return open_thread(make_out(self.channel, f"root-{self.mark}", origin_key=self.revision.post.key))

    @cached_property
    def comment(self) -> Comment:
        comment = make_comment(self.conversation, f"{self.mark}comment", name=f"{self.mark}Luca")
        Note.objects.create(conversation=self.conversation, author=self.owner, text=f"{self.mark}note")
        return comment

    def make_all(self) -> None:
        """Have one of everything."""
        made: list[object] = [self.owner, self.people, self.membership, self.invitation_and_secret, self.channel]
        made += [self.asset, self.post, self.rule, self.approval, self.internal_approval, self.link_and_secret]
        made += [self.campaign, self.plan_upload, self.feed_and_secret, self.publication, self.comment, self.reply, self.stop]
        assert all(made)

    def guest(self) -> Client:
        """Return the client's browser, after opening the link."""
        browser = Client(raise_request_exception=True)
        answer = browser.get(f"/r/{self.link_and_secret[1]}")
        assert answer.status_code == 302
        return browser


@dataclass
class World:
    """Mine, the foreign side, and a brand beside mine in the same agency."""

    mine: Side
    foreign: Side
    beside: Side

    @cached_property
    def strangers(self) -> dict[str, User]:
        """Whoever must not learn that a row of mine exists, though signed in."""
        both = make_member("Clara", self.foreign.brand, Role.EDITOR)
        Membership.objects.create(user=both, agency=self.mine.agency, brand=self.mine.brand, role=Role.CLIENT)
        return {
            "owner of another agency": self.foreign.owner,
            "manager of the brand beside": self.beside.people[Role.MANAGER],
            "client here, editor elsewhere": both,
        }


def make_side(mark: str, agency: Agency | None = None) -> Side:
    agency = agency or make_agency(f"{mark}agency")
    return Side(mark=mark, agency=agency, brand=make_brand(agency, f"{mark}brand", zone=ZONE))


def make_world() -> World:
    mine = make_side("Mine7f")
    beside = make_side("Beside3c", mine.agency)
    beside.owner = mine.owner
    return World(mine=mine, foreign=make_side("Canary9e"), beside=beside)


def browser_of(user: User, **options: Any) -> Client:
    """Return a browser with a session of somebody."""
    browser = Client(**options)
    browser.force_login(user)
    return browser
