"""The gate: only what was seen and approved is scheduled, and whatever changes takes it back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import AuditEntry, Membership, OutgoingMail, Role
from calendar_app.approval import (
    approve,
    approve_all,
    lift_stop,
    refuse,
    request_changes,
    stop_post,
    withdraw,
)
from calendar_app.asking import hand_in, plan_round, prepare_all
from calendar_app.drafting import PostChanges, cost_of_editing, save_post
from calendar_app.models import Post
from calendar_app.refusals import (
    AlreadyDecided,
    NoReviewers,
    NotReady,
    NotYours,
    StaleRevision,
    TooLate,
    WordsMissing,
)
from calendar_app.shown import shown_state
from publisher.models import Publication, Stop
from tests.calendar_app.make_plan import (
    asked,
    in_days,
    link_to,
    make_channel,
    make_client,
    make_pack,
    make_post,
    make_rule,
)
from tests.calendar_app.make_table import Table
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db


def test_sending_asks_the_client_by_a_link_and_schedules_nothing() -> None:
    table = Table()

    assert table.fresh().stage == "in_review"
    assert table.states() == []
    assert shown_state(table.fresh()).css == "st-att"
    letter = OutgoingMail.objects.get(kind="pack_ready")
    assert letter.user == table.cleo
    assert letter.sealed
    assert table.link.decides_until == table.pack.deadline_at


def test_the_last_approval_schedules_every_channel_under_its_seal() -> None:
    table = Table()

    table.approve()

    rows = Publication.objects.filter(origin_key=table.post.key)
    assert [row.state for row in rows] == ["waiting", "waiting"]
    assert {row.sealed_by for row in rows} == {"Cleo"}
    assert {row.due_at for row in rows} == {table.fresh().due_at}
    assert rows[0].rule["digest"] == table.question.revision.digest
    assert shown_state(table.fresh()).css == "st-prog"


def test_an_edit_after_approval_voids_it_and_takes_back_what_waited() -> None:
    table = Table()
    table.approve()
    cost = cost_of_editing(table.fresh())
    assert cost.approved_by == ("Cleo",)
    assert cost.cancels == 2

    save_post(table.fresh(), version=1, by=table.ed, changes=PostChanges(text="Un’altra cosa."))

    assert table.fresh().stage == "draft"
    assert table.states() == ["canceled", "canceled"]
    assert table.question.state == "void"


def test_a_save_that_changes_nothing_voids_nothing() -> None:
    table = Table()
    table.approve()

    save_post(table.fresh(), version=1, by=table.ed, changes=PostChanges(text=table.post.text))

    assert table.fresh().stage == "approved"
    assert table.states() == ["waiting", "waiting"]


def test_approving_an_older_version_is_refused() -> None:
    table = Table()
    seen = table.question
    save_post(table.fresh(), version=1, by=table.ed, changes=PostChanges(text="Un’altra cosa."))
    make_pack([table.fresh()], by=table.ed)

    with pytest.raises(StaleRevision) as refused:
        approve(seen, by=table.cleo, digest=seen.revision.digest, link=table.link)

    assert refused.value.current.number == 2
    assert table.states() == []


def test_a_digest_that_is_not_the_revisions_is_refused() -> None:
    table = Table()

    with pytest.raises(StaleRevision):
        approve(table.question, by=table.cleo, digest="0" * 64, link=table.link)

    assert table.question.state == "asked"


def test_only_who_was_asked_decides_and_only_through_a_link_of_that_pack() -> None:
    table = Table()
    digest = table.question.revision.digest
    other = Table()

    for by, link in ((table.mara, table.link), (table.cleo, None), (table.cleo, other.link), (other.cleo, other.link)):
        with pytest.raises(NotYours):
            approve(table.question, by=by, digest=digest, link=link)
    assert table.question.state == "asked"


def test_a_client_who_left_the_brand_decides_no_more() -> None:
    table = Table()
    Membership.objects.filter(user=table.cleo).delete()

    with pytest.raises(NotYours):
        table.approve()


def test_after_the_deadline_a_link_reads_and_stops_but_does_not_decide() -> None:
    table = Table()
    make = table.question
    with time_machine.travel(table.pack.deadline_at - timedelta(days=12), tick=False):
        link = table.link
        link.decides_until = timezone.now()
        link.save()
    with time_machine.travel(link.decides_until + timedelta(seconds=1), tick=False):
        with pytest.raises(TooLate):
            approve(make, by=table.cleo, digest=make.revision.digest, link=table.link)
        assert stop_post(table.post, by=table.cleo, link=table.link).scope == "post"


def test_a_request_for_changes_needs_words_and_makes_a_draft() -> None:
    table = Table()
    question = table.question
    with pytest.raises(WordsMissing):
        request_changes(question, by=table.cleo, words=" ", digest=question.revision.digest, link=table.link)

    request_changes(
        question, by=table.cleo, words="Togliete il prezzo.", digest=question.revision.digest, link=table.link
    )

    assert shown_state(table.fresh()).css == "st-mod"
    letter = OutgoingMail.objects.get(kind="decided")
    assert letter.user == table.ed
    assert letter.parts["lines"][0]["words"] == "Togliete il prezzo."


def test_a_refusal_is_shown_as_the_clients() -> None:
    table = Table()
    refuse(table.question, by=table.cleo, digest=table.question.revision.digest, link=table.link)

    assert shown_state(table.fresh()).name == "refused"
    assert table.states() == []


def test_deciding_twice_the_same_is_harmless_and_otherwise_told() -> None:
    table = Table()
    table.approve()
    table.approve()
    assert table.states() == ["waiting", "waiting"]

    with pytest.raises(AlreadyDecided):
        refuse(table.question, by=table.cleo, digest=table.question.revision.digest, link=table.link)


def test_a_withdrawal_takes_back_what_waits_in_the_same_act() -> None:
    table = Table()
    approval = table.approve()

    canceled = withdraw(approval, by=table.cleo, link=table.link)

    assert len(canceled.canceled) == 2
    assert table.fresh().stage == "draft"
    assert table.question.state == "withdrawn"
    assert shown_state(table.fresh()).name == "withdrawn"
    assert OutgoingMail.objects.filter(kind="approval_withdrawn", user=table.ed).exists()


def test_the_agency_decides_first_then_the_client_is_asked_in_one_letter() -> None:
    brand = make_brand()
    channel = make_channel(brand)
    cleo, mara, ed = make_client(brand), make_member("Mara", brand, Role.MANAGER), make_member("Ed", brand, Role.EDITOR)
    make_rule(brand, "internal_client")
    posts = [make_post(brand, [channel], by=ed, wall=in_days(3 + day)) for day in range(3)]
    pack = make_pack(posts, by=ed)
    assert asked(pack, cleo) == []
    first, second, third = asked(pack, mara)

    approve(first, by=mara, digest=first.revision.digest)
    request_changes(second, by=mara, words="Il prezzo è vecchio.", digest=second.revision.digest)
    assert asked(pack, cleo) == []
    approve(third, by=mara, digest=third.revision.digest)

    assert [one.revision.post_id for one in asked(pack, cleo)] == [posts[0].pk, posts[2].pk]
    assert OutgoingMail.objects.filter(kind="pack_ready").count() == 1
    assert Publication.objects.count() == 0
    outcome = approve_all(
        pack, by=cleo, digests={one.pk: one.revision.digest for one in asked(pack, cleo)}, link=link_to(pack, cleo)
    )
    assert len(outcome.approved) == 2
    assert Publication.objects.filter(state="waiting").count() == 2


def test_an_editor_cannot_give_the_internal_approval() -> None:
    table = Table("internal")
    question = asked(table.pack, table.mara)[0]
    Membership.objects.filter(user=table.mara).update(role=Role.EDITOR)

    with pytest.raises(PermissionDenied):
        approve(question, by=table.mara, digest=question.revision.digest)


def test_where_all_must_agree_one_approval_is_not_enough() -> None:
    brand = make_brand()
    channel = make_channel(brand)
    cleo, clio = make_client(brand), make_client(brand, "Clio")
    make_rule(brand, "client", mode="all")
    post = make_post(brand, [channel])
    pack = make_pack([post])
    first, second = asked(pack, cleo)[0], asked(pack, clio)[0]

    approve(first, by=cleo, digest=first.revision.digest, link=link_to(pack, cleo))
    assert Publication.objects.count() == 0
    approve(second, by=clio, digest=second.revision.digest, link=link_to(pack, clio))
    assert Publication.objects.filter(state="waiting").count() == 1


def test_where_one_is_enough_the_others_question_ends() -> None:
    brand = make_brand()
    cleo, clio = make_client(brand), make_client(brand, "Clio")
    make_rule(brand, "client")
    pack = make_pack([make_post(brand, [make_channel(brand)])])
    first, second = asked(pack, cleo)[0], asked(pack, clio)[0]
    approve(first, by=cleo, digest=first.revision.digest, link=link_to(pack, cleo))

    with pytest.raises(AlreadyDecided):
        refuse(second, by=clio, digest=second.revision.digest, link=link_to(pack, clio))


def test_a_brand_without_a_rule_asks_its_client_and_says_when_there_is_none() -> None:
    brand = make_brand()
    post = make_post(brand, [make_channel(brand)])

    with pytest.raises(NoReviewers) as refused:
        make_pack([post])

    assert "client" in refused.value.words().lower() or "cliente" in refused.value.words().lower()
    assert Post.objects.get(pk=post.pk).stage == "draft"


def test_what_a_platform_would_refuse_is_said_before_anything_is_sent() -> None:
    brand = make_brand()
    make_client(brand)
    good = make_post(brand, [make_channel(brand)])
    long = make_post(brand, [make_channel(brand, limit=10)])
    nowhere = make_post(brand, [])
    past = make_post(brand, [make_channel(brand)], wall=in_days(-2))

    with pytest.raises(NotReady) as refused:
        make_pack([good, long, nowhere, past])

    found = {(post.pk, problem.code) for post, _channel, problem in refused.value.problems}
    assert found == {(long.pk, "text_too_long"), (nowhere.pk, "no_channel"), (past.pk, "hour_past")}
    assert set(Post.objects.values_list("stage", flat=True)) == {"draft"}


def test_the_clients_stop_is_seen_at_once_and_the_agency_cannot_lift_it() -> None:
    table = Table()
    table.approve()

    stop_post(table.post, by=table.cleo, link=table.link, reason="Aspettiamo il prezzo nuovo.")

    assert Stop.objects.get().origin_key == table.post.key
    assert shown_state(table.fresh()).name == "paused"
    assert OutgoingMail.objects.filter(kind="post_stopped", user=table.ed).exists()
    with pytest.raises(NotYours):
        lift_stop(table.post, by=table.mara)
    lift_stop(table.post, by=table.cleo, link=table.link)
    assert shown_state(table.fresh()).name == "scheduled"


def test_a_clients_stop_stands_also_where_a_colleague_had_stopped_first() -> None:
    table = Table()
    table.approve()
    stop_post(table.post, by=table.mara, reason="Il listino non è pronto.")
    mine = stop_post(table.post, by=table.cleo, link=table.link, reason="Aspettiamo il prezzo nuovo.")
    assert (mine.by, mine.reason) == (table.cleo, "Aspettiamo il prezzo nuovo.")
    with pytest.raises(NotYours):
        lift_stop(table.post, by=table.mara)
    stop_post(table.post, by=table.mara, reason="Anche noi.")
    with pytest.raises(NotYours):
        lift_stop(table.post, by=table.mara)
    assert lift_stop(table.post, by=table.cleo, link=table.link) is not None


def test_what_a_colleague_stopped_no_client_lets_go() -> None:
    table = Table()
    table.approve()
    stop_post(table.post, by=table.mara, reason="Il listino non è pronto.")
    with pytest.raises(NotYours):
        lift_stop(table.post, by=table.cleo, link=table.link)
    assert Stop.objects.get().lifted_at is None
    lift_stop(table.post, by=table.mara)
    assert Stop.objects.get().lifted_by == table.mara


def test_every_decision_leaves_a_trace_with_digest_and_link() -> None:
    table = Table()
    table.approve()

    entry = AuditEntry.objects.get(verb="approval.approved")
    assert entry.actor == table.cleo
    assert entry.link == table.link
    assert entry.data["digest"] == table.question.revision.digest


def test_a_month_is_sent_in_a_short_transaction(django_assert_max_num_queries: Any) -> None:
    brand = make_brand()
    make_rule(brand, "client")
    make_client(brand)
    channel = make_channel(brand)
    posts = [make_post(brand, [channel], wall=in_days(2 + day)) for day in range(31)]
    round_ = plan_round(posts, brand=brand, by=None)
    prepared = prepare_all(posts)

    with django_assert_max_num_queries(31 + 25):
        hand_in(round_, prepared, title="Dicembre")


def test_what_was_approved_before_and_did_not_change_is_told() -> None:
    table = Table()
    before = table.approve()
    save_post(table.fresh(), version=1, by=table.ed, changes=PostChanges(title="Altro titolo"))

    pack = make_pack([table.fresh()], by=table.ed)

    assert asked(pack, table.cleo)[0].carried_from == before
