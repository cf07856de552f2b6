"""Where a plan and its pictures come from: folders, zips, the library, and the command."""

import zipfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from accounts.models import Role
from calendar_app.imports import bring_in, read_plan
from calendar_app.models import Asset, PartMedia, Post
from calendar_app.plan_media import MediaFolder, MediaRefused, MediaZip, source_at
from calendar_app.plan_words import SENTENCES, words_of
from publisher.models import Publication
from tests.calendar_app.make_plan import (
    make_asset,
    make_rule,
    picture,
)
from tests.calendar_app.test_imports import csv, day, desk
from tests.make import make_member

pytestmark = pytest.mark.django_db

ENGLISH = "date,time,kind,title,text,channels,media,alt,link,campaign"
ITALIAN = "data;ora;tipo;titolo;testo;canali;media;alt;link;campagna;id"


def test_pictures_come_from_a_folder_a_zip_or_the_library(tmp_path: Path) -> None:
    brand = desk()
    (tmp_path / "foto").mkdir()
    (tmp_path / "foto" / "Calice.JPG").write_bytes(picture(colour="#111111"))
    (tmp_path / "vigna.png").write_bytes(picture(kind="PNG", colour="#222222"))
    with zipfile.ZipFile(tmp_path / "foto.zip", "w") as archive:
        archive.write(tmp_path / "foto" / "Calice.JPG", "foto/Calice.JPG")
        archive.write(tmp_path / "vigna.png", "vigna.png")
    known = make_asset(brand)
    Asset.objects.filter(pk=known.pk).update(name="nota.jpg")
    data = csv(f"{day()},09:30,,Uno,Testo,Mastodon Valdoro,foto/calice.jpg|vigna.png|nota.jpg,Un calice||Nota,,")

    for number, source in enumerate((tmp_path, tmp_path / "foto.zip")):
        plan = read_plan(data.replace(b"Uno", f"Uno {number}".encode()), brand=brand, media=source_at(source))
        assert plan.problems == []
        bring_in(plan, by=None)

    for post in Post.objects.all():
        media = PartMedia.objects.filter(part__variant__post=post).order_by("position")
        assert [one.alt for one in media] == ["Un calice", "", "Nota"]
        assert media[2].asset == known
    assert Asset.objects.count() == 3


@pytest.mark.parametrize(
    "name", ["../segreto.jpg", "/etc/passwd", "..\\segreto.jpg", "foto/../../segreto.jpg", "via.jpg"]
)
def test_nothing_outside_of_the_folder_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "segreto.jpg").write_bytes(picture())
    inside = tmp_path / "dentro"
    inside.mkdir()
    (inside / "via.jpg").symlink_to(tmp_path / "segreto.jpg")

    assert MediaFolder(inside).read(name) is None


def test_bad_pictures_and_bad_zips_get_a_sentence(tmp_path: Path) -> None:
    brand = desk()
    (tmp_path / "a.jpg").write_bytes(b"<svg onload=alert(1)>")
    (tmp_path / "rotto.zip").write_bytes(b"PK nope")
    torn = tmp_path / "strappato.zip"
    with zipfile.ZipFile(torn, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jpg", bytes(range(256)) * 40)
    whole = torn.read_bytes()
    torn.write_bytes(whole[:40] + b"\xff" * 60 + whole[100:])
    with pytest.raises(MediaRefused):
        source_at(torn).read("a.jpg")
    bomb = tmp_path / "bomba.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.jpg", b"\0" * 60_000_000)
    data = csv(f"{day()},09:30,,Uno,Testo,Secondo,a.jpg,,,", f"{day()},10:30,,Due,Testo,Secondo,a.jpg,,,")

    plan = read_plan(data, brand=brand, media=source_at(tmp_path))
    assert [problem.code for problem in plan.problems] == ["picture_refused", "picture_refused"]
    assert all("a.jpg" in words_of(problem) for problem in plan.problems)
    with pytest.raises(MediaRefused):
        source_at(tmp_path / "rotto.zip")
    with pytest.raises(MediaRefused):
        source_at(tmp_path / "niente.zip")
    heavy = read_plan(csv(f"{day()},09:30,,Uno,Testo,Secondo,b.jpg,,,"), brand=brand, media=MediaZip(bomb))
    assert [problem.values["refusal"] for problem in heavy.problems] == ["picture_too_heavy"]
    assert Asset.objects.count() == 0


def command(*words: str) -> str:
    out, err = StringIO(), StringIO()
    try:
        call_command("import_plan", *words, stdout=out, stderr=err)
    except CommandError as error:
        return f"{err.getvalue()}{error}"
    return out.getvalue()


def test_the_command_checks_reports_and_imports(tmp_path: Path) -> None:
    brand = desk()
    make_rule(brand, "internal")
    mara = make_member("Mara", brand, Role.MANAGER)
    file = tmp_path / "piano.csv"
    file.write_bytes(csv(f"{day()},09:30,,Uno,Testo,Secondo,,,,", f"{day()},ora,,Due,Testo,Secondo,,,,"))
    with translation.override("en"):
        said = command(str(file), "--brand", brand.slug)
        assert said.splitlines() == [
            "Line 3, column “time”: “ora” is not a time. Write it as 09:30.",
            "1 problem. Nothing was imported.",
        ]
        file.write_bytes(csv(f"{day()},09:30,,Uno,Testo,Secondo,,,,"))
        assert "trial" in command(str(file), "--brand", f"{brand.agency.slug}/{brand.slug}", "--dry-run")
        assert Post.objects.count() == 0
        assert "may not approve" in command(str(file), "--brand", brand.slug, "--approve-as", "chi@example.test")
        assert "1 new post." in command(str(file), "--brand", brand.slug, "--approve-as", mara.email)
        assert "There is no brand" in command(str(file), "--brand", "nessuno")
        assert "cannot be read" in command(str(tmp_path / "altro.csv"), "--brand", brand.slug)

    assert Publication.objects.get().state == "waiting"


def test_every_code_has_a_sentence() -> None:
    sources = "".join(
        (Path("calendar_app") / name).read_text(encoding="utf-8")
        for name in ("plan_file.py", "plan_rows.py", "plan_hours.py", "plan_media.py", "plan_uploads.py", "imports.py")
    )

    assert not [code for code in SENTENCES if f'"{code}"' not in sources]
