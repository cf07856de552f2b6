"""The forms of this package’s pages."""

from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.people import AT_WORK, BY_LINK, Grants, named

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:
    UserForm = forms.ModelForm  # only the stubs know the form’s type parameter

AREAS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


class Dressed:
    """Gives every field the class that the style sheet knows."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect | forms.HiddenInput):
                field.widget.attrs["class"] = "input"
                field.widget.attrs.pop("placeholder", None)  # the label stays; a placeholder would vanish


@cache
def zones() -> list[tuple[str, str]]:
    """Return the time zones that people live in."""
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if zone.startswith(AREAS)]


class InviteForm(Dressed, forms.Form):
    """An address and a role; owners also choose the whole agency."""

    email = forms.EmailField(label=_("Email address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, grants: Grants, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = [
            ("brand:" + value, label) for value, label in named(role for role in AT_WORK if role in grants.in_brand)
        ]
        whole = [
            ("agency:" + value, _("%(role)s of the whole agency") % {"role": label})
            for value, label in named(grants.in_agency)
        ]
        self.fields["role"].choices = here + whole  # type: ignore[attr-defined]  # it is a ChoiceField
        self.fields["role"].initial = f"brand:{Role.EDITOR}"  # never the most powerful by accident

    @property
    def chosen_role(self) -> Role:
        """Return the role that was chosen."""
        return Role(self.cleaned_data["role"].partition(":")[2])

    @property
    def is_for_agency(self) -> bool:
        """Tell whether the role is for all brands."""
        return bool(self.cleaned_data["role"].startswith("agency:"))


class ContactForm(Dressed, forms.Form):
    """Somebody who comes by link: a client or an expert."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("Email address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=lambda: named(BY_LINK))
    language = forms.ChoiceField(label=_("Language of emails"), choices=settings.LANGUAGES)


class AcceptForm(Dressed, forms.Form):
    """What a newcomer chooses."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters. A sentence is easier to remember than a riddle."),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same password again"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """Refuse what is too short or too common."""
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password

    def clean_again(self) -> str:
        """Refuse a second password that differs."""
        again = str(self.cleaned_data["again"])
        if self.cleaned_data.get("password", again) != again:
            raise ValidationError(_("The two passwords differ."))
        return again


class ProfileForm(Dressed, UserForm):
    """What somebody says of themselves."""

    zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zones,
        help_text=_("The times of a brand’s posts are always shown in the brand’s own zone."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ("name", "language", "zone")
