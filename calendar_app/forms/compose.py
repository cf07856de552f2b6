"""What a person types in the composer: one form for the post, one for each channel, and the pictures in order."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Brand
from accounts.scope import row_number
from accounts.wall import HourMissingError, HourTwiceError, instant
from calendar_app.models import Campaign, Kind

BRIEF = {
    "purpose": gettext_lazy("Purpose"),
    "claims": gettext_lazy("What we may claim"),
    "agreed_answers": gettext_lazy("Agreed answers"),
    "question": gettext_lazy("Question to the readers"),
    "thread_plan": gettext_lazy("Plan for the thread"),
    "expert": gettext_lazy("Who knows the subject"),
}
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)  # what the calendar shows
LONGEST_TEXT, LONGEST_BRIEF = 50_000, 5_000  # far beyond what any platform takes, and quick to count
TOO_LONG = gettext_lazy("This is too long to keep: at most %(limit_value)d characters fit.")
FOLDS = [
    ("0", gettext_lazy("The first time, before the clocks go back")),
    ("1", gettext_lazy("The second time, after")),
]


class HourForm(forms.Form):
    """A form with an hour on the clocks of a brand; one that does not exist or comes twice is asked about, never guessed."""

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brand = brand
        self.is_twice = False

    def fold_of(self, wall: datetime, said: str) -> int:
        """Return which of two equal hours is meant; what cannot be known becomes an error of its field."""
        try:
            instant(wall=wall, zone=self.brand.zone, fold=int(said) if said else None)
        except HourMissingError:
            self.add_error(
                "at",
                _("On that day the clocks go forward and %(hour)s does not exist. Choose another time.")
                % {"hour": f"{wall:%H:%M}"},
            )
        except HourTwiceError:
            self.is_twice = True
            self.add_error(
                "fold",
                _("On that day the clocks go back and %(hour)s comes twice. Say which one you mean.")
                % {"hour": f"{wall:%H:%M}"},
            )
        else:
            self.is_twice = bool(said) and self._comes_twice(wall)
        return int(said) if said else 0

    def _comes_twice(self, wall: datetime) -> bool:
        return instant(wall=wall, zone=self.brand.zone, fold=0) != instant(wall=wall, zone=self.brand.zone, fold=1)


class PostForm(HourForm):
    """The fields that all channels share."""

    title = forms.CharField(
        label=gettext_lazy("Internal title"),
        max_length=160,
        help_text=gettext_lazy("The agency and the client see it, never the public."),
        error_messages={"required": gettext_lazy("Give the post a title: it is how you find it in the calendar.")},
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind.choices, widget=forms.RadioSelect)
    on = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
        error_messages={
            "required": gettext_lazy("Choose the day."),
            "invalid": gettext_lazy("Write the day as 17/12/2026."),
        },
    )
    at = forms.TimeField(
        label=gettext_lazy("Time"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={
            "required": gettext_lazy("Choose the time."),
            "invalid": gettext_lazy("Write the time as 09:30."),
        },
    )
    fold = forms.ChoiceField(
        label=gettext_lazy("Which of the two"), choices=FOLDS, required=False, widget=forms.RadioSelect
    )
    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Campaign"),
        queryset=Campaign.objects.none(),
        required=False,
        empty_label=gettext_lazy("None"),
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 7}),
        validators=[MaxLengthValidator(LONGEST_TEXT, TOO_LONG)],
    )
    link = forms.URLField(
        label=gettext_lazy("Link"),
        required=False,
        max_length=500,
        assume_scheme="https",
        error_messages={"invalid": gettext_lazy("Write the whole address, as https://example.it/page.")},
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, brand=brand, **kwargs)
        self.fields["campaign"].queryset = Campaign.objects.filter(brand=brand).order_by("name")  # type: ignore[attr-defined]  # a ModelChoiceField, declared above
        for name, label in BRIEF.items():
            rows = {"rows": 1 if name == "expert" else 2}
            self.fields[f"brief_{name}"] = forms.CharField(
                label=label,
                required=False,
                widget=forms.Textarea(attrs=rows),
                validators=[MaxLengthValidator(LONGEST_BRIEF, TOO_LONG)],
            )
        for name, field in self.fields.items():
            if name not in {"kind", "fold"}:
                field.widget.attrs.setdefault("class", "input")

    def clean(self) -> dict[str, Any]:
        """Join day and hour; an hour that does not exist or comes twice is asked about, never guessed."""
        cleaned = super().clean() or {}
        on, at = cleaned.get("on"), cleaned.get("at")
        if on and at:
            cleaned["wall"] = datetime.combine(on, at)
            cleaned["fold"] = self.fold_of(cleaned["wall"], cleaned.get("fold") or "")
        cleaned["brief"] = {name: cleaned.get(f"brief_{name}", "").strip() for name in BRIEF}
        return cleaned


def options_in(data: QueryDict, prefix: str) -> dict[str, str]:
    """Return the platform's own options that its template wrote, by their names."""
    start = f"{prefix}-option-"
    found = {key.removeprefix(start): str(data[key]).strip() for key in data if key.startswith(start)}
    return {name: words for name, words in found.items() if words}


@dataclass(frozen=True, slots=True)
class Typed:
    """A picture as it stands in the form: which, and what is written beside it."""

    asset_id: int
    alt: str
    crop: str = ""


def pictures_in(data: QueryDict, prefix: str = "") -> list[Typed]:
    """Return the pictures in the order of the form, each once. ``prefix`` names a channel's own."""
    ids = dict.fromkeys(pk for pk in map(row_number, data.getlist(f"{prefix}media")) if pk)
    return [
        Typed(pk, str(data.get(f"{prefix}alt-{pk}", "")).strip(), str(data.get(f"{prefix}crop-{pk}", ""))[:60])
        for pk in ids
    ]


def arranged(pictures: list[Typed], wish: str) -> list[Typed]:
    """Return the pictures after a wish such as ``12:up``, ``12:down`` or ``12:away``."""
    which, _sep, how = wish.partition(":")
    here = next((n for n, picture in enumerate(pictures) if str(picture.asset_id) == which), None)
    if here is None:
        return pictures
    rest = pictures[:here] + pictures[here + 1 :]
    if how == "away":
        return rest
    there = max(0, here - 1) if how == "up" else here + 1
    return [*rest[:there], pictures[here], *rest[there:]]
