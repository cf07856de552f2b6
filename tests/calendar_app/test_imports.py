"""A plan from a file: every problem of every row with its place, and all rows at once or none."""

from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from accounts.models import AuditEntry, Brand, Role
from calendar_app import imports
from calendar_app.approval import approve
from calendar_app.drafting import PostChanges, save_post
from calendar_app.imports import bring_in, read_plan
from calendar_app.models import Approval, Pack, Part, PlanImport, Post
from calendar_app.plan_words import line_of, words_of
from calendar_app.refusals import NoInternalStage, NoReviewers, Overtaken
from publisher.models import Publication
from tests.calendar_app.make_plan import (
    asked,
    in_days,
    link_to,
    make_channel,
    make_client,
    make_rule,
)
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db

ENGLISH = "date,time,kind,title,text,channels,media,alt,link,campaign"
ITALIAN = "data;ora;tipo;titolo;testo;canali;media;alt;link;campagna;id"


def day(days: int = 5) -> str:
    return in_days(days).date().isoformat()


def desk(**fields: Any) -> Brand:
    """Return a brand with two channels that a plan can name."""
    brand = make_brand(**fields)
    make_channel(brand, "Mastodon Valdoro")
    make_channel(brand, "Secondo", limit=60)
    return brand


def csv(*rows: str, head: str = ENGLISH) -> bytes:
    return "\r\n".join([head, *rows, ""]).encode()


def found(data: bytes, brand: Brand, **options: Any) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.code) for one in read_plan(data, brand=brand, **options).problems]


def test_a_plan_in_english_comes_in_as_drafts() -> None:
    brand = desk()
    data = csv(
        f'{day()},09:30,informational,"Vine, by hand","First line\nsecond line",Mastodon Valdoro|Secondo,,,https://valdoro.example/a,Winter',
        f"{day(6)},18:00,promotional,Offer,Ten per cent,Secondo,,,,",
    )

    done = bring_in(read_plan(data, brand=brand), by=make_member("Ed", brand, Role.EDITOR))

    first, second = Post.objects.order_by("due_at")
    assert done.result == {"new": 2, "changed": 0, "same": 0, "pack": None}
    assert (first.title, first.stage, first.campaign.name) == ("Vine, by hand", "draft", "Winter")
    assert set(Part.objects.filter(variant__post=first).values_list("text", flat=True)) == {"First line\nsecond line"}
    assert [variant.channel.name for variant in first.variants.order_by("pk")] == ["Mastodon Valdoro", "Secondo"]
    assert first.variants.first().link == "https://valdoro.example/a"
    assert (second.kind, second.wall.hour) == ("promotional", 18)
    assert AuditEntry.objects.get(verb="plan.imported").data["posts"] == [first.pk, second.pk]


def test_a_plan_in_italian_with_semicolons_any_order_and_a_mark_in_front_comes_in() -> None:
    brand = desk()
    when = in_days(5)
    head = "titolo;canali;ora;tipo;testo;data;id"
    data = b"\xef\xbb\xbf" + csv(
        f"È arrivato;mastodon valdoro;9.30;Argomentativo;Ciao, «sì».;{when:%d/%m/%Y};a-1", head=head
    )

    bring_in(read_plan(data, brand=brand), by=None)

    post = Post.objects.get()
    assert (post.title, post.kind, post.text, post.import_key) == (
        "È arrivato",
        "argumentative",
        "Ciao, «sì».",
        "id:a-1",
    )
    assert post.wall == when.replace(hour=9, minute=30)


def test_every_problem_of_every_row_is_listed_with_line_and_column() -> None:
    brand = desk()
    long = "x" * 61
    data = csv(
        f"{day()};09:30;informativo;Buono;Testo;Secondo;;;;;",
        "31/02/2027;25:00;canzone;;Testo;Nessuno;;;valdoro;;",
        f"{day()};10:00;;Lungo;{long};Secondo;manca.jpg;uno|due;;;",
        f"{day(-3)};10:00;;Ieri;Testo;;;;;;",
        f"{day()};10:00;;A;Testo;Secondo;;;;;x1",
        f"{day()};11:00;;B;Testo;Secondo;;;;;x1",
        f"{day()};11:00;;C;Testo;Secondo;;;;;x2;troppo",
        head=ITALIAN,
    )

    problems = found(data, brand)

    assert problems == [
        (3, "data", "date_unknown"),
        (3, "ora", "hour_unknown"),
        (3, "tipo", "kind_unknown"),
        (3, "titolo", "title_missing"),
        (3, "canali", "channel_unknown"),
        (3, "link", "link_unknown"),
        (4, "testo", "platform"),
        (4, "media", "media_unknown"),
        (4, "alt", "alt_too_many"),
        (5, "canali", "channels_missing"),
        (7, "id", "row_twice"),
        (8, "", "cells_too_many"),
    ]
    with pytest.raises(ValueError, match="problems"):
        bring_in(read_plan(data, brand=brand), by=None)
    assert Post.objects.count() == 0


def test_an_hour_that_has_passed_is_a_problem() -> None:
    brand = desk()

    assert found(csv(f"{day(-3)},10:00,,Ieri,Testo,Secondo,,,,"), brand) == [(2, "time", "hour_past")]


def test_problems_are_told_in_the_readers_language() -> None:
    brand = desk()
    (problem,) = read_plan(csv(f"{day()},99,,A,Testo,Secondo,,,,"), brand=brand).problems

    with translation.override("en"):
        assert line_of(problem) == "Line 2, column “time”: “99” is not a time. Write it as 09:30."
    (long,) = read_plan(csv(f"{day()},10:00,,A,{'x' * 70},Secondo,,,,"), brand=brand).problems
    assert words_of(long).startswith("Secondo: ")


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"", ["file_empty"]),
        (b"\n\n", ["file_empty"]),
        (ENGLISH.encode(), ["file_empty"]),
        (b"\xff\xfe\x00", ["file_not_text"]),
        (b"PK\x03\x04 a workbook", ["file_spreadsheet"]),
        (b"1/12/2026;09:00;Uno;Testo;La bottega\n", ["head_missing"]),
        (b"x" * 5_000_001, ["file_too_large"]),
        (ENGLISH.encode() + b'\n2027-01-01,10:00,,"open', ["file_broken"]),
        (b"date,time,title,text\n", ["column_missing"]),
        (b"date,time,title,text,channels,colour\nx", ["column_unknown"]),
        (b"date,date,time,title,text,channels\n", ["column_twice"]),
    ],
)
def test_a_broken_file_gets_a_sentence(data: bytes, codes: list[str]) -> None:
    brand = desk()
    plan = read_plan(data, brand=brand)

    assert [problem.code for problem in plan.problems][: len(codes)] == codes
    assert all(words_of(problem) for problem in plan.problems)


def test_a_missing_column_is_named_in_the_language_of_the_file() -> None:
    (problem,) = read_plan(b"data;ora;titolo;testo\n1;2;3;4\n", brand=desk()).problems

    assert (problem.code, problem.column) == ("column_missing", "canali")


@pytest.mark.parametrize(
    ("hour", "code", "utc"),
    [
        ("02:30", "hour_twice", None),
        ("02:30+02:00", None, "2027-10-31T00:30:00+00:00"),
        ("02:30+01:00", None, "2027-10-31T01:30:00+00:00"),
        ("02:30+05:00", "hour_offset", None),
        ("09:30+01:00", None, "2027-10-31T08:30:00+00:00"),
    ],
)
def test_an_hour_that_comes_twice_needs_its_offset(hour: str, code: str | None, utc: str | None) -> None:
    brand = desk(zone="Europe/Rome")
    plan = read_plan(csv(f"2027-10-31,{hour},,A,Testo,Secondo,,,,"), brand=brand)

    assert [problem.code for problem in plan.problems] == ([code] if code else [])
    assert [row.due_at.isoformat() for row in plan.rows] == ([utc] if utc else [])


def test_an_hour_that_does_not_exist_is_said() -> None:
    assert found(csv("2027-03-28,02:30,,A,Testo,Secondo,,,,"), desk(zone="Europe/Rome")) == [
        (2, "time", "hour_missing")
    ]


def test_the_same_file_again_changes_nothing_and_other_content_needs_to_be_asked_for() -> None:
    brand = desk()
    data = csv(f"{day()},09:30,,Uno,Testo,Secondo,,,,", f"{day()},10:30,,Due,Testo,Secondo,,,,")
    bring_in(read_plan(data, brand=brand), by=None)
    other = data.replace(b"10:30,,Due,Testo", b"10:30,,Due,Altro testo")

    again = read_plan(data, brand=brand)
    assert (again.is_good, len(again.same), again.new, again.changed) == (True, 2, [], [])
    assert bring_in(again, by=None).result["same"] == 2
    assert [code for _line, _column, code in found(other, brand)] == ["row_differs"]
    done = bring_in(read_plan(other, brand=brand, update=True), by=None)

    assert done.result == {"new": 0, "changed": 1, "same": 1, "pack": None}
    assert Post.objects.count() == 2
    assert Post.objects.get(title="Due").text == "Altro testo"
    assert read_plan(other, brand=brand).is_good


def test_an_update_of_what_was_approved_voids_it_like_every_edit() -> None:
    brand = desk()
    make_rule(brand, "client")
    cleo = make_client(brand)
    data = csv(f"{day()},09:30,,Uno,Testo,Secondo,,,,")
    pack = Pack.objects.get(pk=bring_in(read_plan(data, brand=brand), by=None, send=True).result["pack"])
    question = asked(pack, cleo)[0]
    approve(question, by=cleo, digest=question.revision.digest, link=link_to(pack, cleo))

    bring_in(read_plan(data.replace(b",Testo,", b",Altro,"), brand=brand, update=True), by=None)

    assert Post.objects.get().stage == "draft"
    assert Publication.objects.get().state == "canceled"
    assert Approval.objects.get().state == "void"


def test_what_is_out_cannot_be_updated_and_what_was_canceled_is_told() -> None:
    brand = desk()
    data = csv(f"{day()},09:30,,Uno,Testo,Secondo,,,,")
    bring_in(read_plan(data, brand=brand), by=None)
    Post.objects.update(stage="archived")

    assert [code for *_place, code in found(data.replace(b"Testo", b"Altro"), brand, update=True)] == ["row_archived"]


def test_a_plan_can_be_sent_for_approval_in_the_same_act() -> None:
    brand = desk()
    make_rule(brand, "client")
    cleo = make_client(brand)
    data = csv(f"{day()},09:30,,Uno,Testo,Secondo,,,,", f"{day()},10:30,,Due,Testo,Secondo,,,,")

    done = bring_in(read_plan(data, brand=brand), by=None, send=True)

    pack = Pack.objects.get(pk=done.result["pack"])
    assert [one.revision.title for one in asked(pack, cleo)] == ["Uno", "Due"]
    assert Publication.objects.count() == 0


def test_approving_as_a_member_gives_the_internal_stage_only() -> None:
    brand = desk()
    make_rule(brand, "internal_client")
    cleo, mara = make_client(brand), make_member("Mara", brand, Role.MANAGER)
    data = csv(f"{day()},09:30,,Uno,Testo,Secondo,,,,")

    done = bring_in(read_plan(data, brand=brand), by=mara, approve_as=mara)

    pack = Pack.objects.get(pk=done.result["pack"])
    assert [one.state for one in asked(pack, mara)] == ["approved"]
    assert [one.state for one in asked(pack, cleo)] == ["asked"]
    assert Publication.objects.count() == 0


def test_where_nobody_can_be_asked_no_row_comes_in() -> None:
    brand = desk()
    mara = make_member("Mara", brand, Role.MANAGER)
    data = csv(f"{day()},09:30,,Uno,Testo,Secondo,,,,")

    with pytest.raises(NoReviewers):
        bring_in(read_plan(data, brand=brand), by=None, send=True)
    with pytest.raises(NoInternalStage):
        bring_in(read_plan(data, brand=brand), by=mara, approve_as=mara)

    assert Post.every.count() == 0
    assert PlanImport.objects.count() == 0


def test_where_the_rule_asks_nobody_sending_schedules() -> None:
    brand = desk()
    make_rule(brand, "none")

    bring_in(read_plan(csv(f"{day()},09:30,,Uno,Testo,Secondo,,,,"), brand=brand), by=None, send=True)

    assert Publication.objects.get().state == "waiting"


def test_an_import_that_dies_half_way_leaves_nothing_to_see_and_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    brand = desk()
    data = csv(*(f"{day()},09:{minute:02d},,Post {minute},Testo,Secondo,,,," for minute in range(5)))
    monkeypatch.setattr(imports, "CHUNK", 2)
    written: list[int] = []
    real = imports._write_parts

    def dies(posts: list[Post], *rest: Any) -> None:
        written.append(len(posts))
        if len(written) == 2:
            raise KeyboardInterrupt
        assert Post.objects.count() == 0
        real(posts, *rest)

    monkeypatch.setattr(imports, "_write_parts", dies)
    with pytest.raises(KeyboardInterrupt):
        bring_in(read_plan(data, brand=brand), by=None)
    assert Post.every.count() == 0

    monkeypatch.setattr(imports, "_write_parts", real)
    bring_in(read_plan(data, brand=brand), by=None)
    assert Post.objects.count() == 5


def test_rows_left_by_a_dead_process_are_unseen_and_give_way() -> None:
    brand = desk()
    data = csv(f"{day()},09:30,,Uno,Testo,Secondo,,,,")
    bring_in(read_plan(data, brand=brand), by=None)
    Post.objects.update(stage="staged")
    assert Post.objects.count() == 0

    bring_in(read_plan(data, brand=brand), by=None)

    assert [post.stage for post in Post.every.all()] == ["draft"]


def test_a_thousand_rows_come_in_with_few_statements_and_short_transactions(django_assert_max_num_queries: Any) -> None:
    brand = desk()
    data = csv(
        *(f"{day(3 + n % 300)},{8 + n // 300:02d}:{n % 60:02d},,Post {n},Testo,Secondo,,,," for n in range(1000))
    )
    plan = read_plan(data, brand=brand)
    assert plan.problems == []

    with django_assert_max_num_queries(400):
        bring_in(plan, by=None)

    assert Post.objects.count() == 1000


def test_a_hand_edit_survives_the_same_file_coming_again() -> None:
    brand = desk()
    data = csv(f"{day()},09:30,,Uno,Testo,Secondo,,,,")
    bring_in(read_plan(data, brand=brand), by=None)
    post = Post.objects.get()
    save_post(post, version=1, by=None, changes=PostChanges(text="A mano."))

    bring_in(read_plan(data, brand=brand, update=True), by=None)

    assert Post.objects.get().text == "A mano."


def test_no_write_of_an_import_holds_more_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    brand = desk()
    data = csv(*(f"{day()},{9 + n // 60:02d}:{n % 60:02d},,Post {n},Testo,Secondo,,,," for n in range(130)))
    naps: list[bool] = []
    monkeypatch.setattr(imports.time, "sleep", lambda _seconds: naps.append(connection.in_atomic_block))

    bring_in(read_plan(data, brand=brand), by=None)

    assert len(naps) == 3


def test_an_import_that_lost_rows_to_another_lets_none_in(monkeypatch: pytest.MonkeyPatch) -> None:
    brand = desk()
    data = csv(*(f"{day()},09:{minute:02d},,Post {minute},Testo,Secondo,,,," for minute in range(4)))
    other = read_plan(data, brand=brand)
    monkeypatch.setattr(imports, "CHUNK", 2)
    monkeypatch.setattr(imports.time, "sleep", lambda _s: imports._sweep(other) if Post.every.count() == 2 else None)
    with pytest.raises(Overtaken):
        bring_in(read_plan(data, brand=brand), by=None)
    assert Post.every.count() == 0
