"""Asking people to decide: posts are frozen, put into a pack, and everybody who decides gets a letter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.links import make_link
from accounts.models import Brand, Purpose, Role, User
from accounts.permissions import Ability
from calendar_app import notices
from calendar_app.feed_changes import bump_all
from calendar_app.models import (
    Approval,
    ApprovalRule,
    ApprovalState,
    Pack,
    PackItem,
    PackLink,
    Post,
    PostStage,
    Revision,
    Sheet,
    Stage,
)
from calendar_app.refusals import ForeignId, NoReviewers, NotADraft, NothingToAsk, NotReady
from calendar_app.revisions import Prepared, blocking, lock_all, prepare, store_all
from calendar_app.rights import clients_of, members_with, require
from calendar_app.rules import as_it_reads, rules_for, stage_after
from calendar_app.states import move_post

DECIDES_FOR = timedelta(days=14)
People = Mapping[str, Sequence[User]]


def send(  # noqa: PLR0913  (a pack: what, whose, from whom, with which words, until when, to whom)
    posts: Iterable[Post],
    *,
    brand: Brand,
    by: User | None,
    title: str,
    message: str = "",
    deadline_at: datetime | None = None,
    reviewers: People | None = None,
) -> Pack:
    """Freeze drafts, ask the people of each one’s first stage, and return the pack.

    ``message`` stands in the letter and over the posts. ``reviewers`` names people per stage ("internal", "client") where it should not be everybody who may.
    Raises NotReady, NotADraft, NothingToAsk, NoReviewers, ForeignId, Stale; then nothing was changed.
    """
    chosen = sorted(posts, key=lambda post: (post.due_at, post.pk))
    round_ = plan_round(chosen, brand=brand, by=by, reviewers=reviewers)
    prepared = prepare_all(chosen)
    with transaction.atomic():
        return hand_in(round_, prepared, title=title, message=message, deadline_at=deadline_at)


@dataclass(frozen=True, slots=True)
class Round:
    """Who will be asked about which posts under which rules: checked, nothing written yet."""

    posts: list[Post]
    brand: Brand
    by: User | None
    rules: dict[int, ApprovalRule]
    people: dict[str, list[User]]


def plan_round(posts: list[Post], *, brand: Brand, by: User | None, reviewers: People | None = None) -> Round:
    """Check that these posts can be asked about. Raises NothingToAsk, NoReviewers, ForeignId."""
    require(by, Ability.SEND_FOR_APPROVAL, brand)
    rules = _rules(posts, brand)
    return Round(posts, brand, by, rules, _people(rules.values(), brand, by, reviewers or {}))


def prepare_all(posts: list[Post]) -> dict[int, Prepared]:
    """Paint everything before the transaction begins; all problems of all posts are told at once in NotReady."""
    prepared = {post.pk: prepare(post) for post in posts}
    problems = [(post, channel, problem) for post in posts for channel, problem in blocking(prepared[post.pk].problems)]
    if problems:
        raise NotReady(problems)
    return prepared


def hand_in(
    round_: Round,
    prepared: Mapping[int, Prepared],
    *,
    title: str,
    message: str = "",
    deadline_at: datetime | None = None,
) -> Pack:
    """Freeze the posts and ask the people of each one’s first stage. Inside the caller’s transaction."""
    by = round_.by
    pack = Pack.objects.create(
        brand=round_.brand,
        title=title.strip()[:160],
        message=message.strip()[:1000],
        asked_by=by,
        deadline_at=deadline_at or timezone.now() + DECIDES_FOR,
    )
    people = {stage: [one.pk for one in who] for stage, who in round_.people.items()}
    revisions = _into_review(round_.posts, prepared, by=by)
    PackItem.objects.bulk_create(
        PackItem(pack=pack, revision=revision, position=position) for position, revision in enumerate(revisions)
    )
    rules = round_.rules
    opened = [(revision, {**as_it_reads(rules[revision.post_id]), "people": people}) for revision in revisions]
    _open(pack, opened, stage=None)
    record("pack.sent", by=by, brand=round_.brand, subject=pack, data={"posts": [post.pk for post in round_.posts]})
    return pack


def open_next(pack: Pack) -> None:
    """Ask the next stage for all posts that passed the one before, once nobody in the pack is still thinking about it.

    One letter then carries them all. The pack is locked, so that of two who decide the last two posts at the same
    moment one sees what the other did.
    """
    Pack.objects.select_for_update(of=("self",), no_key=True).filter(pk=pack.pk).first()
    waiting = Approval.objects.filter(pack=pack, state=ApprovalState.ASKED, stage=Stage.INTERNAL)
    if waiting.exists():
        return
    own = Approval.objects.filter(revision=OuterRef("pk"), pack=pack)
    passed = Revision.objects.filter(
        Exists(own.filter(stage=Stage.INTERNAL, state=ApprovalState.APPROVED)),
        ~Exists(own.filter(stage=Stage.CLIENT)),
        pack_items__pack=pack,
        post__stage=PostStage.IN_REVIEW,
    ).order_by("pack_items__position")
    rules = dict(Approval.objects.filter(pack=pack, stage=Stage.INTERNAL).values_list("revision_id", "rule"))
    asked = [(revision, rules[revision.pk]) for revision in passed]
    _open(pack, [(revision, rule) for revision, rule in asked if stage_after(rule, "internal")], stage="internal")


def last_hour(pack: Pack) -> datetime:
    """Return the end of the day after the last post of a pack: so long its links read and stop."""
    hours = Sheet.objects.filter(revision__pack_items__pack=pack).values_list("due_at", flat=True)
    last = max(hours, default=pack.deadline_at).astimezone(ZoneInfo(pack.brand.zone))
    return (last + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)


def _rules(posts: list[Post], brand: Brand) -> dict[int, ApprovalRule]:
    """Return each post’s rule; posts of other brands, and those that need no asking, are refused."""
    if any(post.brand_id != brand.pk for post in posts):
        raise ForeignId
    rules = rules_for(posts, brand)
    if not posts or any(not rule.stages for rule in rules.values()):
        raise NothingToAsk
    return rules


def _people(rules: Iterable[ApprovalRule], brand: Brand, by: User | None, named: People) -> dict[str, list[User]]:
    """Return who decides at each stage that occurs; a stage without anybody is refused before anything is frozen."""
    stages = {stage["stage"] for rule in rules for stage in rule.stages}
    people: dict[str, list[User]] = {}
    for stage in sorted(stages):
        may = members_with(Ability.APPROVE_INTERNAL, brand) if stage == Stage.INTERNAL else clients_of(brand)
        wanted = {one.pk for one in named.get(stage, may)}
        people[stage] = [one for one in may if one.pk in wanted]
        if stage == Stage.INTERNAL and stage not in named:  # four eyes, where there are four
            people[stage] = [one for one in people[stage] if one != by] or people[stage]
        if not people[stage]:
            role = _("approver") if stage == Stage.INTERNAL else str(Role.CLIENT.label).lower()
            raise NoReviewers(role=role)
    return people


def _into_review(posts: list[Post], prepared: Mapping[int, Prepared], *, by: User | None) -> list[Revision]:
    """Lock, freeze and move all posts, in a handful of statements however many they are."""
    locked = lock_all(post.pk for post in posts)
    for post in locked.values():
        if post.stage != PostStage.DRAFT:
            raise NotADraft(title=post.title)
    move_post(Post.objects.filter(pk__in=list(locked)), to=PostStage.IN_REVIEW, since=[PostStage.DRAFT])
    revisions = store_all([(locked[post.pk], prepared[post.pk]) for post in posts], by=by)
    bump_all(locked)
    for revision in revisions:
        data = {"revision": revision.pk, "digest": revision.digest}
        record("post.sent_for_approval", by=by, brand=revision.post.brand, subject=revision.post, data=data)
    return revisions


def _open(pack: Pack, opened: list[tuple[Revision, dict[str, object]]], *, stage: str | None) -> None:
    """Write who is asked about what, then one letter for each person."""
    rows = []
    before = _given_before([revision for revision, _rule in opened])
    for revision, rule in opened:
        following = stage_after(rule, stage)
        if following is None:
            continue
        people: dict[str, list[int]] = rule["people"]  # type: ignore[assignment]  # JSON that send() wrote
        rows += [
            Approval(
                revision=revision,
                pack=pack,
                stage=following["stage"],
                reviewer_id=person,
                rule={**rule, "mode": following["mode"]},
                carried_from=before.get((revision.post_id, revision.digest, following["stage"], person)),
            )
            for person in people[following["stage"]]
        ]
    Approval.objects.bulk_create(rows)
    for person in User.objects.filter(pk__in={row.reviewer_id for row in rows}).order_by("pk"):
        stages = {row.stage for row in rows if row.reviewer_id == person.pk}
        _invite(pack, person, as_client=Stage.CLIENT in stages)


def _given_before(revisions: list[Revision]) -> dict[tuple[int, str, str, int], Approval]:
    """Return approvals of the very same sheets, so that a page can say what did not change since."""
    digests = {revision.digest for revision in revisions}
    found = Approval.objects.filter(
        Q(state=ApprovalState.APPROVED) | Q(state=ApprovalState.VOID, decided_at__isnull=False),
        revision__post__in=[revision.post_id for revision in revisions],
        revision__digest__in=digests,
    ).select_related("revision")
    return {
        (one.revision.post_id, one.revision.digest, one.stage, one.reviewer_id): one for one in found.order_by("pk")
    }


def _invite(pack: Pack, person: User, *, as_client: bool) -> None:
    """Write the letter: clients get a link of their own, colleagues the page."""
    if not as_client:
        notices.ask_colleague(pack, person)
        return
    link, secret = make_link(
        user=person,
        agency=pack.brand.agency,
        brand=pack.brand,
        purpose=Purpose.APPROVE,
        decides_until=pack.deadline_at,
        expires_at=max(last_hour(pack), pack.deadline_at),
    )
    PackLink.objects.create(pack=pack, link=link)
    notices.ask_client(pack, person, link=link, secret=secret)
