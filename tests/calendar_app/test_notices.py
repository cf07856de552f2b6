"""Letters: each has a subject, a text and a page, in Italian and English, with the address that helps."""

from typing import Any

import pytest

from accounts import letters
from accounts.links import send_again
from accounts.models import Membership, OutgoingMail, Role
from calendar_app import notices
from calendar_app.approval import approve, request_changes, stop_post, withdraw
from calendar_app.models import PackLink, Post
from calendar_app.rules import PRESETS, set_rule
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
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db


def parts_of(letter: OutgoingMail) -> tuple[str, str, str]:
    message = letters.write(letter)
    return str(message.subject), str(message.body), str(message.alternatives[0][0])


def all_that_happens(language: str) -> Post:
    """Send, approve, stop and withdraw a post, then let everything go wrong with it."""
    brand = make_brand()
    make_rule(brand, "internal_client")
    cleo = make_client(brand)
    mara = make_member("Mara", brand, Role.MANAGER, language=language)
    ed = make_member("Ed", brand, Role.EDITOR, language=language)
    channel = make_channel(brand)
    post = make_post(brand, [channel], by=ed, title="La «nuova» etichetta & co")
    pack = make_pack([post], by=ed)
    first = asked(pack, mara)[0]
    approve(first, by=mara, digest=first.revision.digest)
    second, link = asked(pack, cleo)[0], link_to(pack, cleo)
    given = approve(second, by=cleo, digest=second.revision.digest, link=link).approval
    stop_post(post, by=cleo, link=link, reason="Aspettiamo.")
    withdraw(given, by=cleo, link=link)
    notices.hour_passed(given, post)
    return post


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_letter_can_be_written_in_both_languages(language: str) -> None:
    post = all_that_happens(language)

    found = {letter.kind: parts_of(letter) for letter in OutgoingMail.objects.order_by("pk")}

    assert set(found) == {
        "pack_ready",
        "pack_ready_internal",
        "decided",
        "approval_withdrawn",
        "post_stopped",
        "approved_late",
    }
    for subject, body, page in found.values():
        assert subject.strip()
        assert "{{" not in body + page
        assert "http" in body
        assert 'class="button"' in page
        assert "& co" not in page
    assert "/r/" in found["pack_ready"][1]
    assert f"/posts/{post.pk}/" in found["post_stopped"][1]


def test_a_month_is_one_letter_for_the_client_and_one_for_the_agency() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo, ed = make_client(brand), make_member("Ed", brand, Role.EDITOR)
    channel = make_channel(brand)
    pack = make_pack([make_post(brand, [channel], wall=in_days(2 + day)) for day in range(12)], by=ed)

    for number, question in enumerate(asked(pack, cleo)):
        decide: Any = request_changes if number == 3 else approve
        words = {"words": "Meglio un altro titolo.\nGrazie"} if number == 3 else {}
        decide(question, by=cleo, digest=question.revision.digest, link=link_to(pack, cleo), **words)

    assert OutgoingMail.objects.filter(kind="pack_ready").count() == 1
    letter = OutgoingMail.objects.get(kind="decided")
    assert letter.user == ed
    assert len(letter.parts["lines"]) == 12
    assert letter.parts["lines"][0]["words"].startswith("Meglio")
    body = parts_of(letter)[1]
    assert "«Meglio un altro titolo." in body
    assert "1 con modifiche richieste, 11 approvati" in body


def test_the_client_hears_from_the_agency_and_an_answer_reaches_who_asked() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo, ed = make_client(brand), make_member("Ed", brand, Role.EDITOR)
    pack = make_pack([make_post(brand, [make_channel(brand)])], by=ed)
    send_again(link_to(pack, cleo).public_id)

    for letter in OutgoingMail.objects.filter(user=cleo):
        message = letters.write(letter)
        assert message.from_email.startswith(f"{brand.agency.name} <")
        assert message.reply_to == [ed.email]
    assert OutgoingMail.objects.filter(user=cleo).count() == 2


def test_a_letter_counts_what_its_reader_is_asked_and_tells_nobody_their_own_decisions() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    set_rule(brand=brand, by=None, stages=PRESETS["internal_client"], kind="argumentative")
    cleo, mara = make_client(brand), make_member("Mara", brand, Role.MANAGER)
    channel = make_channel(brand)
    kinds = ("informational", "informational", "argumentative")
    pack = make_pack([make_post(brand, [channel], kind=kind, wall=in_days(3)) for kind in kinds], by=mara)
    assert OutgoingMail.objects.get(kind="pack_ready").parts["count"] == 2
    assert not OutgoingMail.objects.filter(user=mara).exists()

    inside = asked(pack, mara)[0]
    approve(inside, by=mara, digest=inside.revision.digest)
    assert OutgoingMail.objects.filter(kind="pack_ready").last().parts["count"] == 3  # type: ignore[union-attr]  # two were written
    newest = PackLink.objects.filter(pack=pack).latest("pk").link
    for question in asked(pack, cleo):
        approve(question, by=cleo, digest=question.revision.digest, link=newest)

    letter = OutgoingMail.objects.get(kind="decided")
    assert {line["who"] for line in letter.parts["lines"]} == {"Cleo"}


def test_the_client_is_addressed_as_the_brand_has_it() -> None:
    brand = make_brand(form_of_address="lei")
    make_rule(brand, "client")
    make_client(brand)
    make_pack([make_post(brand, [make_channel(brand)])])

    letter = OutgoingMail.objects.get(kind="pack_ready")
    assert letter.parts["lei"] is True
    assert parts_of(letter)[1].startswith("Buongiorno Cleo,")


def test_where_whoever_asked_has_left_the_brands_planners_are_told() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo, ed, mara = make_client(brand), make_member("Ed", brand, Role.EDITOR), make_member("Mara", brand, Role.MANAGER)
    pack = make_pack([make_post(brand, [make_channel(brand)])], by=ed)
    Membership.objects.filter(user=ed).delete()
    question = asked(pack, cleo)[0]

    approve(question, by=cleo, digest=question.revision.digest, link=link_to(pack, cleo))

    assert OutgoingMail.objects.get(kind="decided").user == mara


def test_the_words_that_go_with_a_pack_stand_in_the_letter() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    make_client(brand)
    make_pack([make_post(brand, [make_channel(brand)])], message="Due foto sono <provvisorie>.\nGrazie")

    _subject, body, page = parts_of(OutgoingMail.objects.get(kind="pack_ready"))

    assert "Due foto sono <provvisorie>.\nGrazie" in body
    assert "Due foto sono &lt;provvisorie&gt;.<br>Grazie" in page
