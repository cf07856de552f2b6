"""A plan that is uploaded: kept with its pictures, read anew for every look, and let in by the queue."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django_q.tasks import async_task

from accounts import limits, permissions
from accounts.models import Brand, User
from accounts.permissions import Ability
from calendar_app.imports import Plan, bring_in, read_plan
from calendar_app.library import add_picture
from calendar_app.models import PlanImport, PlanUpload, Post, PostStage, UploadState
from calendar_app.plan_file import pictures_named
from calendar_app.plan_media import MediaRefused, MediaZip, known_as
from calendar_app.plan_words import SENTENCES
from calendar_app.refusals import Refusal
from calendar_app.states import move_upload
from publisher.files import clean_label, why_refused
from publisher.images import MAX_BYTES, PictureRefused
from publisher.seals import digest_of

KEPT_FOR = timedelta(days=7)
SOON = timedelta(minutes=1)
MOST_TRIES = 3
MOST_PICTURES = 60


@dataclass(slots=True)
class Kept:
    """What became of the pictures: how many were kept, what was refused and why, what nobody asked for, what is left."""

    count: int = 0
    problems: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    left: int = 0


def keep_plan(*, brand: Brand, by: User, data: bytes, name: str, update: bool) -> PlanUpload:
    """Keep an uploaded file for a look; nothing of it is in the plan yet."""
    permissions.require(by, Ability.IMPORT_PLAN, brand)
    return PlanUpload.objects.create(
        brand=brand, by=by, data=data, name=clean_label(name) or "—", sha256=_sum(data), update=update
    )


def replace_plan(upload: PlanUpload, *, by: User, update: bool, data: bytes | None = None, name: str = "") -> bool:
    """Take another version of the file, with the pictures that are there already; False once it was asked to come in."""
    permissions.require(by, Ability.IMPORT_PLAN, upload.brand)
    values: dict[str, object] = {"update": update, "trouble": ""}
    if data is not None:
        values |= {"data": data, "sha256": _sum(data), "name": clean_label(name) or "—"}
    return bool(PlanUpload.objects.filter(pk=upload.pk, state=UploadState.READ).update(**values))


def keep_pictures(upload: PlanUpload, *, by: User, files: "Iterable[UploadedFile[Any]]") -> Kept:
    """Put those pictures into the library that the plan names, from single files and zips, and remember their names."""
    permissions.require(by, Ability.WRITE, upload.brand)
    wanted = {known_as(name): name for name in pictures_named(bytes(upload.data))}
    kept, found = Kept(), dict[str, int]()
    for name, read in _offered(files, wanted, upload.pictures, kept):
        if kept.count == MOST_PICTURES:
            kept.left += 1
            continue
        try:
            limits.count("upload", by.pk)
            found[name] = add_picture(brand=upload.brand, by=by, data=read() or b"", name=wanted[name]).pk
            kept.count += 1
        except limits.TooManyError:
            kept.left += 1
        except PictureRefused as refusal:
            kept.problems.append(f"{wanted[name]}: {why_refused(refusal)}")
        except MediaRefused as refusal:
            kept.problems.append(str(SENTENCES[refusal.code]))
    with transaction.atomic():
        row = PlanUpload.objects.select_for_update().get(pk=upload.pk)
        row.pictures = {**row.pictures, **found}
        row.save(update_fields=["pictures"])
    upload.pictures = row.pictures
    return kept


def _offered(
    files: "Iterable[UploadedFile[Any]]", wanted: dict[str, str], known: dict[str, int], kept: Kept
) -> Iterator[tuple[str, Callable[[], bytes | None]]]:
    """Return the wanted pictures of the files. Of a zip only those that are not there yet: given twice, it goes on."""
    seen: set[str] = set()
    for file in files:
        given = file.name or ""
        if not given.casefold().endswith(".zip"):
            name = _wanted_as(given, wanted)
            if not name:
                kept.unnamed.append(clean_label(given))
            elif name in seen:
                kept.problems.append(str(SENTENCES["media_twice"]) % {"given": wanted[name]})
            else:
                seen.add(name)
                yield name, partial(file.read, MAX_BYTES + 1)
            continue
        try:
            archive = MediaZip(file)
        except MediaRefused as refused:
            kept.problems.append(str(SENTENCES[refused.code]))
            continue
        for name in wanted:
            if name not in seen and name not in known and archive.entry_for(name):
                seen.add(name)
                yield name, partial(archive.read, name)


def _wanted_as(given: str, wanted: dict[str, str]) -> str:
    """Return under which of the wanted names a single file goes: browsers leave out the folder."""
    name = known_as(given)
    if name in wanted:
        return name
    found = [one for one in wanted if one.endswith(f"/{name}")]
    return found[0] if len(found) == 1 else ""


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read_upload(upload: PlanUpload) -> Plan:
    """Read what was uploaded against the plan as it stands now."""
    return read_plan(bytes(upload.data), brand=upload.brand, given=upload.pictures, update=upload.update)


def seen_as(upload: PlanUpload) -> str:
    """Return what names this version of an upload: the file, its pictures, and whether it writes over what is there."""
    return digest_of([upload.sha256, upload.update, upload.pictures])[:32]


def ask_in(upload: PlanUpload, *, by: User, total: int) -> bool:
    """Ask the queue to let in what was read; False where somebody did already, or gave another version meanwhile."""
    permissions.require(by, Ability.IMPORT_PLAN, upload.brand)
    mine = PlanUpload.objects.filter(pk=upload.pk, sha256=upload.sha256, update=upload.update)
    asked_at = timezone.now()
    fresh: dict[str, Any] = {"by": by, "asked_at": asked_at, "started_at": None, "tries": 0, "trouble": ""}
    if not move_upload(mine, to=UploadState.ASKED, total=total, **fresh):
        return False
    transaction.on_commit(lambda: async_task("calendar_app.tasks.bring_in_upload", upload.pk), robust=True)
    return True


def come_so_far(upload: PlanUpload) -> int:
    """Return how many of its new posts are written already; nobody else sees them yet."""
    staged = Post.every.filter(brand=upload.brand_id, stage=PostStage.STAGED, plan_import__file_sha256=upload.sha256)
    return min(staged.count(), upload.total)


def bring_in_upload(upload_id: int) -> None:
    """Let it in, once: whoever finds it begun a short while ago leaves it alone."""
    now = timezone.now()
    free = Q(started_at=None) | Q(started_at__lt=now - _longest())
    asked = PlanUpload.objects.filter(free, pk=upload_id, state=UploadState.ASKED)
    if not asked.update(started_at=now, tries=F("tries") + 1):
        return
    upload = PlanUpload.objects.select_related("brand__agency", "by").get(pk=upload_id)
    trouble, done = ("failed", None) if upload.tries > MOST_TRIES else _let_in(upload)
    mine = PlanUpload.objects.filter(pk=upload_id)
    if done is None:
        move_upload(mine, to=UploadState.READ, trouble=trouble)
    else:
        move_upload(mine, to=UploadState.IN, plan_import=done, data=b"")


def _let_in(upload: PlanUpload) -> tuple[str, PlanImport | None]:
    """Return what came in, or why nothing did. A run that died after all was in place is found by what it left."""
    done = _done_before(upload) if upload.tries > 1 else None
    if done is not None:
        return "", done
    if upload.by is None:  # to the verb nobody is the shell, who may all
        return "no_right", None
    plan = read_upload(upload)
    if plan.problems:
        return "problems", None
    try:
        return "", bring_in(plan, by=upload.by)
    except PermissionDenied:
        return "no_right", None
    except Refusal:
        return "changed", None


def _done_before(upload: PlanUpload) -> PlanImport | None:
    since = PlanImport.objects.filter(brand=upload.brand_id, file_sha256=upload.sha256, at__gte=upload.asked_at)
    return next((one for one in since.order_by("pk") if "new" in one.result), None)


def sweep_uploads() -> None:
    """Hand over again what a lost task forgot, and forget what nobody let in for a week."""
    now = timezone.now()
    lost = Q(started_at=None, asked_at__lt=now - SOON) | Q(started_at__lt=now - _longest())
    for upload_id in PlanUpload.objects.filter(lost, state=UploadState.ASKED).values_list("pk", flat=True):
        async_task("calendar_app.tasks.bring_in_upload", upload_id)
    PlanUpload.objects.filter(state=UploadState.READ, made_at__lt=now - KEPT_FOR).delete()


def _longest() -> timedelta:
    """Return after what time a task is surely over: the queue ends it before."""
    return timedelta(seconds=settings.Q_CLUSTER["timeout"] + 60)
