"""``manage.py import_plan FILE.csv --brand SLUG``: a month that was written in a table comes in, all of it or nothing."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Brand, User
from accounts.permissions import Ability, can
from calendar_app.imports import Plan, bring_in, read_plan
from calendar_app.plan_media import MediaRefused, MediaSource, source_at
from calendar_app.plan_words import SENTENCES, line_of
from calendar_app.problems import words_of
from calendar_app.refusals import NotReady, Refusal


class Command(BaseCommand):
    """Reads the whole file, says everything that is wrong with it, and only then lets it in."""

    help = "Import a plan from a CSV file: all rows are checked first, and all come in or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read what is asked for."""
        parser.add_argument("file", metavar="FILE.csv", type=Path)
        parser.add_argument("--brand", required=True, metavar="SLUG", help="the brand, or agency/brand")
        parser.add_argument("--media", type=Path, metavar="FOLDER_OR_ZIP", help="where the pictures are")
        parser.add_argument("--dry-run", action="store_true", help="check and report, change nothing")
        parser.add_argument(
            "--update", action="store_true", help="change posts whose rows came in before with other content"
        )
        further = parser.add_mutually_exclusive_group()
        further.add_argument("--send-for-approval", action="store_true", help="ask whoever the brand’s rule names")
        further.add_argument("--approve-as", metavar="EMAIL", help="send, and give this member’s internal approval")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check, report, and bring in."""
        brand = _brand(options["brand"])
        approver = _member(options["approve_as"], brand) if options["approve_as"] else None
        plan = _plan(options["file"], brand, options["media"], update=options["update"])
        if plan.problems:
            for problem in plan.problems:
                self.stderr.write(line_of(problem))
            count = len(plan.problems)
            said = ngettext("%(n)d problem. Nothing was imported.", "%(n)d problems. Nothing was imported.", count)
            raise CommandError(said % {"n": count})
        if options["dry_run"]:
            self.stdout.write(_tally(len(plan.new), len(plan.changed), len(plan.same)))
            self.stdout.write(_("This was a trial: nothing was imported."))
            return
        done = _bring_in(plan, send=options["send_for_approval"], approver=approver)
        self.stdout.write(_tally(done["new"], done["changed"], done["same"]))
        if done["pack"]:
            self.stdout.write(_("The posts were sent for approval."))


def _brand(name: str) -> Brand:
    """Return the brand with this slug; where two agencies use the same, ``agency/brand`` says which."""
    agency, slash, slug = name.rpartition("/")
    found = Brand.objects.filter(slug=slug, archived_at=None).select_related("agency")
    brands = list(found.filter(agency__slug=agency) if slash else found)
    if len(brands) > 1:
        names = ", ".join(f"{brand.agency.slug}/{brand.slug}" for brand in brands)
        raise CommandError(
            _("Several brands are called %(name)s. Write one of: %(names)s.") % {"name": name, "names": names}
        )
    if not brands:
        raise CommandError(_("There is no brand %(name)s.") % {"name": name})
    return brands[0]


def _member(email: str, brand: Brand) -> User:
    """Return the member who approves; they need the right in this brand."""
    person = User.objects.filter(email=email.strip().lower()).first()
    if person is None or not can(person, Ability.APPROVE_INTERNAL, brand):
        raise CommandError(_("%(email)s may not approve posts of this brand for the agency.") % {"email": email})
    return person


def _plan(file: Path, brand: Brand, media: Path | None, *, update: bool) -> Plan:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CommandError(
            _("The file %(name)s cannot be read: %(why)s.") % {"name": file, "why": error.strerror}
        ) from error
    return read_plan(data, brand=brand, media=_source(media), update=update)


def _source(path: Path | None) -> MediaSource:
    try:
        return source_at(path)
    except MediaRefused as refused:
        raise CommandError(str(SENTENCES[refused.code])) from None


def _bring_in(plan: Plan, *, send: bool, approver: User | None) -> dict[str, Any]:
    try:
        result: dict[str, Any] = bring_in(plan, by=approver, send=send, approve_as=approver).result
    except NotReady as refusal:
        lines = [f"{post.title}, {channel or '—'}: {words_of(problem)}" for post, channel, problem in refusal.problems]
        raise CommandError("\n".join([refusal.words(), *lines])) from None
    except Refusal as refusal:
        raise CommandError(refusal.words() + " " + _("Nothing was imported.")) from None
    except PermissionDenied as refusal:
        raise CommandError(_("This member may not import plans of this brand. Nothing was imported.")) from refusal
    return result


def _tally(new: int, changed: int, same: int) -> str:
    lines = [ngettext("%(n)d new post.", "%(n)d new posts.", new) % {"n": new}]
    if changed:
        lines.append(ngettext("%(n)d post changed.", "%(n)d posts changed.", changed) % {"n": changed})
    if same:
        lines.append(ngettext("%(n)d row is unchanged.", "%(n)d rows are unchanged.", same) % {"n": same})
    return " ".join(lines)
