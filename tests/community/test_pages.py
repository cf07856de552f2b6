"""The pages of the desk: what they show to whom, what they refuse, and that nothing typed is lost."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Role, User
from calendar_app.models import Post, Revision
from community import replies
from community.models import Comment, CommentVersion, Conversation, Note, ReplyDraft, Visibility
from publisher.contract.content import Person
from publisher.models import Publication, PublicationKind
from tests.community.fake import OURS, Scene
from tests.community.make_community import make_comment, make_fake_channel, make_thread, read
from tests.community.seed_desk import make_planned_thread
from tests.make import make_brand, make_member, make_owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scene")]


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def comment() -> Comment:
    thread = make_planned_thread(make_fake_channel(), "Cassette regalo")
    return make_comment(thread, "Pacco arrivato rotto", minutes_ago=30)


@pytest.fixture
def mo(comment: Comment) -> User:
    return make_member("Mo", comment.brand, Role.MODERATOR, language="en")


def page_of(comment: Comment) -> str:
    return reverse("conversation", args=[comment.conversation_id])


def post_to(user: User, name: str, pk: int, **values: Any) -> Any:
    return browser_of(user).post(reverse(name, args=[pk]), values)


def answer_as(user: User, comment: Comment, text: str, **values: Any) -> Any:
    return post_to(user, "conversation_answer", comment.conversation_id, comment=comment.pk, text=text, **values)


def test_the_frame_beside_a_conversation_is_that_of_its_brand(comment: Comment) -> None:
    other = make_brand(comment.brand.agency, "Aurora")
    mara = make_owner("Mara", other.agency)
    browser = browser_of(mara)
    assert browser.get(reverse("inbox", args=[other.pk])).context["shell"].brand == other
    assert browser.get(page_of(comment)).context["shell"].brand == comment.brand


def test_the_inbox_opens_on_what_is_most_urgent_with_its_brief(comment: Comment, mo: User) -> None:
    html = browser_of(mo).get(reverse("inbox", args=[comment.brand_id])).content.decode()
    for words in (
        "Pacco arrivato rotto",
        "1 h 30 min left",
        "Approved brief",
        "Dario Conti, magazzino",
        "Cassette regalo",
    ):
        assert words in html


def test_a_conversation_shows_the_post_as_it_went_out_with_its_address(comment: Comment, mo: User) -> None:
    html = browser_of(mo).get(page_of(comment)).content.decode()
    assert "https://social.example/post" in html
    assert "tre bottiglie scelte da noi" in html
    assert html.index("Approved brief") < html.index("first contact in")


def test_the_brief_is_the_one_that_was_sent_not_a_later_draft(comment: Comment, mo: User) -> None:
    publication = comment.conversation.publication
    assert publication is not None
    post = Post.objects.get(key=publication.origin_key)
    later = {**post.brief, "purpose": "Un altro scopo"}
    Revision.objects.create(post=post, number=2, title="Dopo", kind=post.kind, brief=later, digest="1" * 64)
    assert "Un altro scopo" not in browser_of(mo).get(page_of(comment)).content.decode()


def test_an_answer_leaves_the_page_and_shows_who_wrote_it(comment: Comment, mo: User) -> None:
    response = answer_as(mo, comment, "Ci dispiace molto.")
    assert response.status_code == 302
    html = browser_of(mo).get(page_of(comment)).content.decode()
    assert "On its way" in html
    assert "<b>Mo</b> for Cantina Valdoro" in html


def test_the_second_moderator_keeps_what_was_typed_and_may_send_it_knowingly(comment: Comment, mo: User) -> None:
    mara = make_member("Mara", comment.brand, Role.MANAGER, language="en")
    answer_as(mara, comment, "Le scriviamo in privato.")
    told = answer_as(mo, comment, "Ci dispiace molto.")
    html = told.content.decode()
    assert told.status_code == 409
    assert "<b>Mara</b> has answered this comment already" in html
    assert "Le scriviamo in privato." in html
    assert ">Ci dispiace molto.</textarea>" in html
    first = ReplyDraft.objects.get()
    assert answer_as(mo, comment, "Ci dispiace molto.", seen=first.pk).status_code == 302
    assert ReplyDraft.objects.count() == 2


def test_knowing_of_the_first_answer_is_not_knowing_of_the_second(comment: Comment, mo: User) -> None:
    mara = make_member("Mara", comment.brand, Role.MANAGER)
    first = replies.answer(comment, by=mara, text="Una")
    replies.answer(comment, by=mara, text="Un’altra", knowingly=True)
    assert answer_as(mo, comment, "Una terza", seen=first.pk).status_code == 409


def test_words_that_are_too_long_come_back_with_the_number(comment: Comment, mo: User) -> None:
    told = answer_as(mo, comment, "a" * 600)
    assert told.status_code == 422
    assert "a" * 600 in told.content.decode()
    assert not ReplyDraft.objects.exists()


def test_an_empty_note_is_refused_and_a_note_is_kept(comment: Comment, mo: User) -> None:
    assert post_to(mo, "conversation_note", comment.conversation_id, text=" ").status_code == 422
    assert post_to(mo, "conversation_note", comment.conversation_id, text="Avvisato").status_code == 302
    assert Note.objects.get().author == mo


def test_a_vanished_and_an_edited_comment_show_their_evidence(comment: Comment, mo: User) -> None:
    CommentVersion.objects.create(comment=comment, number=1, text="Parole di prima", seen_at=timezone.now())
    html = browser_of(mo).get(page_of(comment)).content.decode()
    assert "Edited: what it said before" in html
    assert "Parole di prima" in html
    Comment.objects.filter(pk=comment.pk).update(visibility=Visibility.VANISHED)
    html = browser_of(mo).get(page_of(comment)).content.decode()
    assert "No longer on the platform since" in html
    assert "Pacco arrivato rotto" in html


@pytest.mark.parametrize("state", ["failed", "unknown", "missed"])
def test_an_answer_that_is_not_surely_out_asks_for_a_hand(comment: Comment, mo: User, state: str) -> None:
    draft = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    Publication.objects.filter(pk=draft.publication_id).update(state=state, problem_code="text_too_long")
    html = browser_of(mo).get(page_of(comment)).content.decode()
    shown = {"failed": "answer_retry", "unknown": "answer_settle", "missed": "answer_rewrite"}[state]
    assert reverse(shown, args=[draft.pk]) in html


def test_an_answer_in_doubt_goes_again_only_from_its_conversation_and_only_when_somebody_says_so(
    comment: Comment, mo: User
) -> None:
    draft = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    mine = Publication.objects.filter(pk=draft.publication_id)
    mine.update(state="unknown", next_at=None)
    post_to(mo, "publication_settle", draft.publication_id, is_out="no")
    post_to(mo, "answer_settle", draft.pk)
    assert mine.get().state == "unknown"
    html = browser_of(mo).get(reverse("outgoing", args=[comment.brand_id])).content.decode()
    assert 'value="yes"' in html
    assert 'value="no"' not in html
    post_to(mo, "answer_settle", draft.pk, is_out="0")
    assert mine.get().state == "waiting"


def test_writing_an_answer_anew_puts_its_words_into_the_box(comment: Comment, mo: User) -> None:
    draft = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    Publication.objects.filter(pk=draft.publication_id).update(state="missed")
    html = post_to(mo, "answer_rewrite", draft.pk).content.decode()
    assert ">Ci dispiace molto.</textarea>" in html


def test_the_refresh_answers_nothing_while_nothing_has_changed(comment: Comment, mo: User) -> None:
    client, address = browser_of(mo), reverse("conversation_stream", args=[comment.conversation_id])
    stamp = client.get(page_of(comment)).context["stamp"]
    assert client.get(address, {"stamp": stamp}).status_code == 204
    make_comment(comment.conversation, "Ancora io", minutes_ago=0)
    fresh = client.get(address, {"stamp": stamp})
    assert fresh.status_code == 200
    assert "Ancora io" in fresh.content.decode()
    assert "<textarea" not in fresh.content.decode()


def test_counting_what_is_typed_tells_colleagues_that_somebody_writes(comment: Comment, mo: User) -> None:
    counted = post_to(mo, "conversation_writing", comment.conversation_id, comment=comment.pk, text="a" * 501)
    assert "507 / 500" in counted.content.decode()  # the mention counts too
    assert "7 too many" in counted.content.decode()
    assert Conversation.objects.get(pk=comment.conversation_id).writing_by == mo


ACTS = [
    ("conversation_answer", "conversation", {"text": "Buongiorno"}, "comment.answered"),
    ("conversation_note", "conversation", {"text": "Avvisato"}, "conversation.noted"),
    ("conversation_assign", "conversation", {"to": ""}, "conversation.assigned"),
    ("conversation_close", "conversation", {}, "conversation.closed"),
    ("conversation_reopen", "conversation", {}, "conversation.reopened"),
    ("comment_like", "comment", {}, "comment.liked"),
    ("comment_unlike", "comment", {}, "comment.unliked"),
    ("comment_handled", "comment", {}, "comment.handled"),
]


@pytest.mark.parametrize(("name", "thing", "values", "verb"), ACTS, ids=[act[0] for act in ACTS])
def test_every_act_leaves_one_trace_and_needs_the_right_role_in_the_right_brand(
    comment: Comment, mo: User, name: str, thing: str, values: dict[str, str], verb: str
) -> None:
    pk = comment.pk if thing == "comment" else comment.conversation_id
    values = {"comment": str(comment.pk), **values}
    ed = make_member("Ed", comment.brand, Role.EDITOR)
    otto = make_member("Otto", make_brand(), Role.MANAGER)
    assert post_to(otto, name, pk, **values).status_code == 404
    assert post_to(ed, name, pk, **values).status_code == 403
    assert Client().post(reverse(name, args=[pk]), values).status_code == 302
    assert not AuditEntry.objects.filter(verb=verb).exists()
    assert post_to(mo, name, pk, **values).status_code == 302
    assert AuditEntry.objects.get(verb=verb).actor == mo
    assert browser_of(mo).get(reverse(name, args=[pk])).status_code == 405


@pytest.mark.parametrize("name", ["answer_retry", "answer_settle", "answer_rewrite"])
def test_what_concerns_an_answer_is_walled_too(comment: Comment, mo: User, name: str) -> None:
    draft = replies.answer(comment, by=mo, text="Buongiorno")
    otto = make_member("Otto", make_brand(), Role.MANAGER)
    ed = make_member("Ed", comment.brand, Role.EDITOR)
    assert post_to(otto, name, draft.pk).status_code == 404
    assert post_to(ed, name, draft.pk).status_code == 403


def test_foreign_ids_in_a_form_do_not_exist_here(comment: Comment, mo: User) -> None:
    foreign = make_comment(make_thread(remote_id="elsewhere"), "Altrove")
    otto = make_member("Otto", foreign.brand, Role.MODERATOR)
    pk = comment.conversation_id
    assert post_to(mo, "conversation_answer", pk, comment=foreign.pk, text="Ciao").status_code == 404
    assert post_to(mo, "conversation_assign", pk, to=otto.pk).status_code == 404
    assert post_to(mo, "conversation_assign", pk, to="999999").status_code == 404
    assert not ReplyDraft.objects.exists()


def test_an_editor_reads_and_cannot_answer(comment: Comment) -> None:
    ed = make_member("Ed", comment.brand, Role.EDITOR, language="en")
    html = browser_of(ed).get(page_of(comment)).content.decode()
    assert "You can read here; moderators answer." in html
    assert "<textarea" not in html


def test_other_brands_pages_do_not_exist_and_all_brands_hold_only_ones_own(comment: Comment) -> None:
    otto = make_member("Otto", make_brand(), Role.MANAGER)
    client = browser_of(otto)
    for address in (
        page_of(comment),
        reverse("inbox", args=[comment.brand_id]),
        reverse("inbox_rows", args=[comment.brand_id]),
        reverse("conversation_stream", args=[comment.conversation_id]),
    ):
        assert client.get(address).status_code == 404
    assert "Pacco arrivato rotto" not in client.get(reverse("inbox_all")).content.decode()
    assert "Pacco arrivato rotto" not in client.get(reverse("inbox_all_rows")).content.decode()


def test_all_brands_carry_the_crest_of_each(comment: Comment, mo: User) -> None:
    html = browser_of(mo).get(reverse("inbox_all")).content.decode()
    assert '<span class="vh">Cantina Valdoro</span>' in html


@pytest.mark.parametrize("number", [2, 60])
def test_a_page_asks_the_database_no_more_for_a_long_thread(comment: Comment, mo: User, number: int) -> None:
    for one in range(number):
        make_comment(comment.conversation, f"Messaggio {one}", name=f"Persona {one}")
    for one in range(number):
        make_comment(make_thread(comment.channel, f"other{one}"), "Altro")
    client = browser_of(mo)
    client.get(page_of(comment))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page_of(comment)).status_code == 200
    assert len(captured) <= 31, "\n".join(one["sql"][:150] for one in captured.captured_queries)


def test_a_long_thread_shows_its_newest_messages_and_a_way_to_the_rest(comment: Comment, mo: User) -> None:
    now = timezone.now()
    Comment.objects.bulk_create(
        Comment(
            brand=comment.brand, conversation=comment.conversation, channel=comment.channel, remote_id=f"n{one}",
            direction="inbound", identity=comment.identity, text=f"numero {one}.", remote_at=now, fetched_at=now,
        )
        for one in range(250)
    )  # fmt: skip
    html = browser_of(mo).get(page_of(comment)).content.decode()
    assert "51 earlier messages" in html
    assert "numero 249." in html
    assert "Pacco arrivato rotto" in browser_of(mo).get(page_of(comment), {"shown": "400"}).content.decode()


def test_a_circle_of_parents_hides_nobody(comment: Comment, mo: User) -> None:
    other = make_comment(comment.conversation, "In cerchio", parent=comment)
    Comment.objects.filter(pk=comment.pk).update(parent=other)
    html = browser_of(mo).get(page_of(comment)).content.decode()
    assert "In cerchio" in html
    assert "Pacco arrivato rotto" in html


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7|add:7 }}{% url 'home' %}",
    "&lt;script&gt;",
    "<a href='https://evil.example' style='position:fixed'>ciao</a>",
    "\u202egnp.exe",
    "'; DROP TABLE community_comment; --",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_strangers_words_and_names_stay_words(scene: Scene, payload: str) -> None:
    thread = make_planned_thread(make_fake_channel(), "Titolo")
    mo = make_member("Mo", thread.brand, Role.MODERATOR)
    scene.says(
        "c1", payload, by=Person(payload[:200], payload, payload, payload), under=thread.root_remote_id, url=payload,
        html=payload, language=payload[:16], extra={"media": [{"type": "image", "description": payload}]},
    )  # fmt: skip
    scene.says("c2", payload, by=OURS, under="c1")
    read(thread)
    client = browser_of(mo)
    for address in (
        reverse("conversation", args=[thread.pk]),
        reverse("inbox", args=[thread.brand_id]),
        reverse("inbox_rows", args=[thread.brand_id]),
        reverse("conversation_stream", args=[thread.pk]),
    ):
        html = client.get(address).content.decode()
        for raw in (
            "<script>alert",
            "<img src=x",
            "<svg/onload",
            'href="javascript:',
            "<a href='https://evil",
            "\u202e",
        ):
            assert raw not in html, address


def test_no_foreign_picture_is_ever_named(scene: Scene, comment: Comment, mo: User) -> None:
    html = browser_of(mo).get(page_of(comment)).content.decode()
    assert 'src="http' not in html
    assert "url(" not in html


def test_pages_with_personal_data_are_not_stored(comment: Comment, mo: User) -> None:
    for address in (page_of(comment), reverse("inbox", args=[comment.brand_id]), reverse("inbox_all")):
        assert "no-store" in browser_of(mo).get(address)["Cache-Control"]


def test_only_one_answer_is_in_the_outbox_when_the_button_is_pressed_twice(comment: Comment, mo: User) -> None:
    assert answer_as(mo, comment, "Ci dispiace molto.").status_code == 302
    assert answer_as(mo, comment, "Ci dispiace molto.").status_code == 409
    assert Publication.objects.filter(kind=PublicationKind.REPLY).count() == 1
