"""A plan through the page: looked at row by row, mended, and let in by the queue, whole or not at all."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Membership
from calendar_app import plan_uploads
from calendar_app.models import Asset, PlanImport, PlanUpload, Post, PostMedia, UploadState
from calendar_app.plan_uploads import bring_in_upload, seen_as
from tests.calendar_app.make_plan import in_days, picture
from tests.calendar_app.views.make_desk import Office, cost_of, make_office, upload

pytestmark = pytest.mark.django_db
HEAD = "data;ora;titolo;testo;canali;media;alt"


def rows(office: Office, *titles: str, media: str = "", channel: str = "") -> str:
    day = in_days(5).date().isoformat()
    name = channel or office.channel.name
    return "\r\n".join([HEAD, *(f"{day};09:30;{title};Parole.;{name};{media};" for title in titles), ""])


def plan(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("dicembre.csv", text.encode(), "text/csv")


def send(office: Office, text: str, **more: object) -> PlanUpload:
    answer = office.browser.post(f"/b/{office.brand.pk}/import/", {"file": plan(text), **more})
    assert answer.status_code == 302, answer.content.decode()
    return PlanUpload.objects.order_by("-pk")[0]


def page(office: Office, kept: PlanUpload, query: str = "") -> str:
    return office.browser.get(f"/imports/{kept.pk}/{query}").content.decode()


def change(office: Office, kept: PlanUpload, **form: object) -> str:
    return office.browser.post(f"/imports/{kept.pk}/change/", form, follow=True).content.decode()


def press(office: Office, kept: PlanUpload) -> str:
    """Press the button under the plan as it stands."""
    seen = seen_as(PlanUpload.objects.get(pk=kept.pk))
    return office.browser.post(f"/imports/{kept.pk}/bring-in/", {"seen": seen}, follow=True).content.decode()


def let_in(office: Office, kept: PlanUpload) -> PlanUpload:
    press(office, kept)
    bring_in_upload(kept.pk)
    kept.refresh_from_db()
    return kept


def test_a_plan_is_looked_at_then_comes_in_and_says_where_it_is() -> None:
    office = make_office()
    kept = send(office, rows(office, "Uno", "Due"))
    looked = page(office, kept)
    assert "Ready to import" in looked
    assert "Import 2 posts" in looked
    assert not Post.every.exists()

    press(office, kept)
    assert "0 of 2 written" in page(office, kept)
    bring_in_upload(kept.pk)

    done = page(office, kept)
    wall = in_days(5)
    assert "Plan imported" in done
    assert f"/b/{office.brand.pk}/calendar/{wall.year}/{wall.month}/" in done
    assert sorted(Post.objects.values_list("title", "stage", "created_by")) == [
        ("Due", "draft", office.mara.pk),
        ("Uno", "draft", office.mara.pk),
    ]
    assert "2 new posts" in office.browser.get(f"/b/{office.brand.pk}/import/").content.decode()


def test_each_problem_stands_at_its_cell_and_nothing_comes_in() -> None:
    office = make_office()
    kept = send(office, rows(office, "Buono") + rows(office, "Male", channel="Nessuno").split("\r\n")[1])
    looked = page(office, kept)
    assert "1 problem to fix before importing" in looked
    assert '<mark>Nessuno</mark><span class="error">' in looked
    assert "The brand has no channel “Nessuno”" in looked
    assert "Buono" in looked
    assert "Buono" not in page(office, kept, "?show=broken")
    press(office, kept)
    kept.refresh_from_db()
    assert kept.state == "read"
    assert not Post.every.exists()


def test_a_missing_picture_is_added_later_and_a_better_file_keeps_it() -> None:
    office = make_office()
    kept = send(office, rows(office, "Uno", media="calice.jpg", channel="Nessuno"))
    assert "The picture “calice.jpg” is neither among the files given nor in the library." in page(office, kept)
    said = change(office, kept, upload=[upload("CALICE.jpg"), upload("altro.jpg", colour="#123456")])
    assert "neither among" not in said
    assert "Left out, because no row names it: altro.jpg." in said
    assert "Ready to import" in change(office, kept, file=plan(rows(office, "Uno", media="calice.jpg")))
    let_in(office, kept)
    assert PostMedia.objects.get().asset == Asset.objects.get()


def test_only_the_pictures_that_the_plan_names_are_taken_out_of_a_zip() -> None:
    office = make_office()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("dicembre/calice.jpg", picture())
        archive.writestr("dicembre/altro.jpg", picture(colour="#123456"))
    archive_file = SimpleUploadedFile("foto.zip", out.getvalue(), "application/zip")
    kept = send(office, rows(office, "Uno", media="calice.jpg"), upload=[archive_file])
    assert list(kept.pictures) == ["calice.jpg"]
    assert Asset.objects.count() == 1
    assert "Ready to import" in page(office, kept)


@pytest.mark.parametrize("data", [b"no zip", b"PK\x03\x04 broken"])
def test_a_zip_that_is_none_is_said(data: bytes) -> None:
    office = make_office()
    kept = send(office, rows(office, "Uno"), upload=[SimpleUploadedFile("foto.zip", data)])
    assert "is not a zip that can be read" in page(office, kept)


def test_two_pictures_of_one_name_are_not_mixed_up() -> None:
    office = make_office()
    both = [upload("calice.jpg"), upload("Calice.jpg", colour="#123456")]
    kept = send(office, rows(office, "Uno", media="calice.jpg"), upload=both)
    assert "Two pictures are called “calice.jpg”" in page(office, kept)
    assert Asset.objects.count() == 1


def test_what_is_not_read_in_one_go_is_read_when_the_zip_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_uploads, "MOST_PICTURES", 1)
    office = make_office()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.jpg", picture())
        archive.writestr("b.jpg", picture(colour="#123456"))
    kept = send(
        office, rows(office, "Uno", media="a.jpg|b.jpg"), upload=[SimpleUploadedFile("foto.zip", out.getvalue())]
    )
    assert "1 picture is still to be read." in page(office, kept)
    change(office, kept, upload=[SimpleUploadedFile("foto.zip", out.getvalue())])
    kept.refresh_from_db()
    assert sorted(kept.pictures) == ["a.jpg", "b.jpg"]


def test_what_came_in_before_is_left_alone_or_written_over_when_somebody_says_so() -> None:
    office = make_office()
    let_in(office, send(office, rows(office, "Uno")))
    again = send(office, rows(office, "Uno"))
    assert "All of this has been imported already" in page(office, again)
    other = send(office, rows(office, "Uno").replace("Parole.", "Altre parole."))
    assert "was imported before with other content" in page(office, other)
    said = change(office, other, update="on")
    assert "1</b> post will be updated" in said
    let_in(office, other)
    assert Post.objects.get().text == "Altre parole."


def test_it_comes_in_once_however_often_it_is_asked_and_rung() -> None:
    office = make_office()
    kept = let_in(office, send(office, rows(office, "Uno")))
    let_in(office, kept)
    bring_in_upload(kept.pk)
    assert Post.every.count() == PlanImport.objects.count() == 1


def test_a_run_that_died_after_all_was_in_place_is_found_by_what_it_left() -> None:
    office = make_office()
    kept = let_in(office, send(office, rows(office, "Uno")))
    long_ago = timezone.now() - timedelta(hours=1)
    data = rows(office, "Uno").encode()
    PlanUpload.objects.filter(pk=kept.pk).update(state="asked", started_at=long_ago, data=data, plan_import=None)
    bring_in_upload(kept.pk)
    kept.refresh_from_db()
    assert (kept.state, kept.plan_import, PlanImport.objects.count()) == ("in", PlanImport.objects.get(), 1)


def test_a_run_that_is_young_is_left_alone_and_one_that_dies_three_times_is_said() -> None:
    office = make_office()
    kept = send(office, rows(office, "Uno"))
    press(office, kept)
    PlanUpload.objects.update(started_at=timezone.now(), tries=1)
    bring_in_upload(kept.pk)
    assert not Post.every.exists()
    PlanUpload.objects.update(started_at=timezone.now() - timedelta(hours=1), tries=3)
    bring_in_upload(kept.pk)
    assert "cut off three times" in page(office, kept)
    assert not Post.every.exists()


def test_who_may_no_more_when_the_queue_comes_to_it_brings_nothing_in() -> None:
    office = make_office()
    kept = send(office, rows(office, "Uno"))
    press(office, kept)
    Membership.objects.filter(user=office.mara).delete()
    bring_in_upload(kept.pk)
    kept.refresh_from_db()
    assert (kept.state, kept.trouble, Post.every.count()) == ("read", "no_right", 0)


def test_nobody_is_not_the_shell() -> None:
    office = make_office()
    kept = send(office, rows(office, "Uno"))
    PlanUpload.objects.update(by=None, state="asked", asked_at=timezone.now())
    bring_in_upload(kept.pk)
    kept.refresh_from_db()
    assert (kept.trouble, Post.every.count()) == ("no_right", 0)


def test_no_file_and_one_that_is_too_large_are_said_at_the_field(monkeypatch: pytest.MonkeyPatch) -> None:
    office = make_office()
    address = f"/b/{office.brand.pk}/import/"
    none = office.browser.post(address, {})
    assert none.status_code == 422
    assert 'id="file-error"' in none.content.decode()
    monkeypatch.setattr("calendar_app.views.importing.MOST_BYTES", 10)
    assert office.browser.post(address, {"file": plan(rows(office, "Uno"))}).status_code == 422
    assert not PlanUpload.objects.exists()


@pytest.mark.parametrize("text", ["", "\x00", "titolo\r\nUno\r\n", 'data;ora\r\n"open', "=1+1;@x"])
def test_a_file_that_is_no_plan_is_answered_in_words(text: str) -> None:
    office = make_office()
    assert "to fix before importing" in page(office, send(office, text))


def test_the_empty_plan_reads_as_a_plan_in_both_languages() -> None:
    for language, mark in (("it", ";"), ("en", ",")):
        office = make_office(language=language)
        answer = office.browser.get(f"/b/{office.brand.pk}/import/plan.csv")
        text = answer.content.decode("utf-8-sig")
        assert text.splitlines()[0].count(mark) == 10
        assert "attachment" in answer.headers["Content-Disposition"]
        kept = send(office, text)
        assert "<mark>" not in page(office, kept)


def test_a_preview_costs_the_same_for_two_rows_and_for_sixty() -> None:
    office = make_office()
    few = send(office, rows(office, "Uno", "Due"))
    many = send(office, rows(office, *(f"Post {number}" for number in range(60))))
    assert len(cost_of(office, f"/imports/{few.pk}/")) == len(cost_of(office, f"/imports/{many.pk}/")) <= 16


def test_what_nobody_lets_in_is_forgotten_after_a_week() -> None:
    office = make_office()
    send(office, rows(office, "Uno"))
    plan_uploads.sweep_uploads()
    assert PlanUpload.objects.exists()
    PlanUpload.objects.update(made_at=timezone.now() - timedelta(days=8))
    plan_uploads.sweep_uploads()
    assert not PlanUpload.objects.exists()


def test_only_what_was_looked_at_comes_in() -> None:
    office = make_office()
    kept = send(office, rows(office, "Uno"))
    seen = seen_as(kept)
    assert f'name="seen" value="{seen}"' in page(office, kept)
    change(office, kept, file=SimpleUploadedFile("altro.csv", rows(office, "Uno", "Due").encode()))
    said = office.browser.post(f"/imports/{kept.pk}/bring-in/", {"seen": seen}, follow=True).content.decode()
    assert "has changed since you looked" in said
    kept.refresh_from_db()
    assert kept.state == UploadState.READ
    press(office, kept)
    kept.refresh_from_db()
    assert kept.state == UploadState.ASKED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("date;time;title;text;channels;" + ";".join(map(str, range(5000))), "more than 100 columns"),
        (f"date;time;title;text;channels\n2099-01-01;09:30;A;B;{'|'.join(['x'] * 5000)}", "has more than 50 names"),
        (f"date;time;title;text;channels;media\n2099-01-01;09:30;A;B;x;{'|'.join(['x'] * 5000)}", "has more than 50 names"),
        ("date;time;title;text;channels\n" + "\n" * 200_001, "more than 2000 rows"),
    ],
)
def test_a_monstrous_file_is_answered_with_a_sentence_and_a_small_page(text: str, words: str) -> None:
    office = make_office()
    said = page(office, send(office, text))
    assert words in said
    assert len(said) < 60_000
