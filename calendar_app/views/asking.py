"""Sending posts or a month for approval: what, to whom, until when."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.models import Brand, User
from accounts.permissions import Ability, require
from accounts.scope import brand_for, row_number
from accounts.wall import HourMissingError, HourTwiceError, instant, wall_of
from calendar_app import asking
from calendar_app.agenda import lines_of
from calendar_app.forms.rows import RowsField
from calendar_app.models import Post, PostStage, Stage
from calendar_app.refusals import NotReady, Refusal
from calendar_app.rights import clients_of, members_with
from calendar_app.rules import rules_for
from calendar_app.shown import with_states
from calendar_app.views.post import problem_line
from publisher.views.outgoing import person

DECIDE_WITHIN = timedelta(days=5)
LATEST_HOUR = time(18, 0)


class PackForm(forms.Form):
    """Which posts, under which name, whom, and until when."""

    posts = RowsField(
        queryset=Post.objects.none(), error_messages={"required": gettext_lazy("Choose at least one post.")}
    )
    title = forms.CharField(label=gettext_lazy("Subject of the email"), max_length=160)
    message = forms.CharField(
        label=gettext_lazy("A few words to go with it (if you like)"),
        help_text=gettext_lazy("They appear in the email and above the posts."),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        max_length=1000,
        required=False,
    )
    people = forms.MultipleChoiceField(
        label=gettext_lazy("Who decides"), error_messages={"required": gettext_lazy("Choose at least one person.")}
    )
    on = forms.DateField(
        label=gettext_lazy("Answer by"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    at = forms.TimeField(label=gettext_lazy("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def __init__(
        self, *args: Any, brand: Brand, posts: list[Post], people: dict[str, list[User]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.brand = brand
        self.asked = people
        self.fields["posts"].queryset = Post.objects.filter(brand=brand, pk__in=[post.pk for post in posts])  # type: ignore[attr-defined]  # a ModelMultipleChoiceField, declared above
        choices = [(f"{stage}:{one.pk}", str(one)) for stage, found in people.items() for one in found]
        self.fields["people"].choices = choices  # type: ignore[attr-defined]  # a MultipleChoiceField, declared above
        for name in ("title", "message", "on", "at"):
            self.fields[name].widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        """Join the deadline’s day and hour in the brand’s zone."""
        cleaned = super().clean() or {}
        if cleaned.get("on") and cleaned.get("at"):
            try:
                deadline = instant(wall=datetime.combine(cleaned["on"], cleaned["at"]), zone=self.brand.zone, fold=0)
            except (HourMissingError, HourTwiceError):
                self.add_error("at", _("This time does not exist on that day: the clocks change. Choose another one."))
            else:
                cleaned["deadline_at"] = deadline
                if deadline <= timezone.now():
                    self.add_error("on", _("That moment has passed. Give people time to answer."))
        return cleaned

    def reviewers(self) -> dict[str, list[User]]:
        """Return the chosen people by stage."""
        chosen = set(self.cleaned_data["people"])
        return {stage: [one for one in found if f"{stage}:{one.pk}" in chosen] for stage, found in self.asked.items()}


def _wanted(request: HttpRequest, brand: Brand) -> tuple[list[Post], str]:
    """Return the drafts that the address speaks of (posts, or a month) and a name for them."""
    drafts = with_states(Post.objects.filter(brand=brand, stage=PostStage.DRAFT)).order_by("wall", "pk")
    named = [*request.GET.getlist("post"), *request.POST.getlist("offered")]
    ids = [pk for pk in map(row_number, named) if pk]
    if ids:
        posts = list(drafts.filter(pk__in=ids))
        return posts, posts[0].title if len(posts) == 1 else brand.name
    now = wall_of(at=timezone.now(), zone=brand.zone)
    said = request.GET.get("month", "") or f"{_next_draft(brand, now):%Y-%m}"
    first = _month_in(said)
    after = (first + timedelta(days=31)).replace(day=1)
    begin = max(datetime.combine(first, time.min), now)
    end = datetime.combine(after, time.min)
    return list(drafts.filter(wall__gte=begin, wall__lt=end)), formats.date_format(first, "F Y").capitalize()


def _next_draft(brand: Brand, now: datetime) -> datetime:
    """Return the hour of the first draft that is still to come: where no month is named, its month is meant."""
    coming = Post.objects.filter(brand=brand, stage=PostStage.DRAFT, canceled_at=None, wall__gte=now).order_by("wall")
    return coming.values_list("wall", flat=True).first() or now


def _month_in(said: str) -> date:
    try:
        return date.fromisoformat(f"{said}-01")
    except ValueError:
        return timezone.localdate().replace(day=1)


def _people(posts: list[Post], brand: Brand) -> dict[str, list[User]]:
    """Return who can be asked at each stage that these posts pass."""
    stages = {stage["stage"] for rule in rules_for(posts, brand).values() for stage in rule.stages}
    found: dict[str, list[User]] = {}
    if Stage.INTERNAL in stages:
        found["internal"] = members_with(Ability.APPROVE_INTERNAL, brand)
    if Stage.CLIENT in stages:
        found["client"] = clients_of(brand)
    return found


def _initial(posts: list[Post], brand: Brand, name: str, people: dict[str, list[User]]) -> dict[str, Any]:
    today = wall_of(at=timezone.now(), zone=brand.zone).date()
    first = min((post.wall.date() for post in posts), default=today + DECIDE_WITHIN)
    return {
        "posts": [post.pk for post in posts],
        "title": name,
        "people": [f"{stage}:{one.pk}" for stage, found in people.items() for one in found],
        "on": max(today + timedelta(days=1), min(today + DECIDE_WITHIN, first - timedelta(days=1))),
        "at": LATEST_HOUR,
    }


@login_required
@require_http_methods(["GET", "POST"])
def pack_new(request: HttpRequest, brand: int) -> HttpResponse:
    """Show what will be asked of whom, and ask."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.SEND_FOR_APPROVAL, of_brand)
    posts, name = _wanted(request, of_brand)
    people = _people(posts, of_brand)
    initial = _initial(posts, of_brand, name, people)
    form = PackForm(request.POST or None, brand=of_brand, posts=posts, people=people, initial=initial)
    problems: dict[int, list[str]] = {}
    refusal = ""
    if request.method == "POST" and form.is_valid():
        try:
            return _sent(request, of_brand, form)
        except NotReady as found:
            refusal, problems = found.words(), _by_post(found)
        except Refusal as found:
            refusal = found.words()
    return _page(request, of_brand, form, posts, {"problems": problems, "refusal": refusal})


def _sent(request: HttpRequest, brand: Brand, form: PackForm) -> HttpResponse:
    cleaned = form.cleaned_data
    limits.count("send_for_approval", person(request).pk)
    chosen = list(cleaned["posts"])
    asking.send(
        chosen,
        brand=brand,
        by=person(request),
        title=cleaned["title"],
        message=cleaned["message"],
        deadline_at=cleaned["deadline_at"],
        reviewers=form.reviewers(),
    )
    said = ngettext(
        "%(n)d post was sent. The email is on its way.", "%(n)d posts were sent. The email is on its way.", len(chosen)
    )
    messages.success(request, said % {"n": len(chosen)})
    first = min(chosen, key=lambda post: post.wall)
    return redirect("calendar_month", brand.pk, first.wall.year, first.wall.month)


def _by_post(found: NotReady) -> dict[int, list[str]]:
    lines: dict[int, list[str]] = {}
    for post, channel, problem in found.problems:
        lines.setdefault(post.pk, []).append(problem_line(channel, problem))
    return lines


def _page(request: HttpRequest, brand: Brand, form: PackForm, posts: list[Post], said: dict[str, Any]) -> HttpResponse:
    chosen = {str(pk) for pk in form["posts"].value() or []}
    asked = set(form["people"].value() or [])
    context = {
        "brand": brand,
        "form": form,
        "lines": [
            {"line": line, "is_on": str(line.pk) in chosen, "problems": said["problems"].get(line.pk, [])}
            for line in lines_of(posts)
        ],
        "stages": [
            {
                "word": _("Internal review") if stage == "internal" else _("Client"),
                "people": [
                    {
                        "value": f"{stage}:{one.pk}",
                        "name": str(one),
                        "email": one.email,
                        "is_on": f"{stage}:{one.pk}" in asked,
                    }
                    for one in found
                ],
            }
            for stage, found in form.asked.items()
        ],
        "refusal": said["refusal"],
    }
    bad = bool(form.errors or said["refusal"])
    return render(request, "calendar_app/pack_new.html", context, status=422 if bad else 200)
