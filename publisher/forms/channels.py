"""Connecting a channel: platform, address and the key that opens the account; or a name and an app password."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from publisher.channels import takes_password
from publisher.contract.errors import AdapterError
from publisher.platforms import PLATFORMS, adapter_of
from publisher.sentences import sentence

ON_THE_ADDRESS = {"address_malformed", "server_not_reached", "server_moved", "server_busy", "rate_limited"}
ON_THE_ACCOUNT = {"handle_malformed", "handle_unknown", "handle_not_claimed", "account_unknown", "account_disabled"}


def platforms() -> list[tuple[str, str]]:
    """Return the platforms that can be connected with a pasted key."""
    return [(slug, adapter_of(slug).name) for slug in PLATFORMS if not takes_password(slug)]


def name_of_channel() -> forms.CharField:
    """Return the field for what a brand calls a channel."""
    return forms.CharField(
        label=_("Name of the channel"),
        max_length=120,
        required=False,
        help_text=_("As you call it among yourselves. Left empty, it takes the name of the account."),
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
    )


class KeyForm(forms.Form):
    """The key alone; what was typed there is never written back into a page."""

    token = forms.CharField(
        label=_("Access key"),
        max_length=5000,
        widget=forms.PasswordInput({"class": "input", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Without a key the channel stays closed. Copy it from the platform.")},
    )

    def refuse(self, error: AdapterError) -> None:
        """Write what went wrong beside the field that it is about."""
        wanted = "url" if error.code in ON_THE_ADDRESS else "account" if error.code in ON_THE_ACCOUNT else "token"
        self.add_error(wanted if wanted in self.fields else "token", sentence(error.code, error.values))


class ConnectForm(KeyForm):
    """A new channel."""

    platform = forms.ChoiceField(label=_("Platform"), choices=platforms, widget=forms.Select({"class": "input"}))
    url = forms.CharField(
        label=_("Address of the server"),
        max_length=255,
        help_text=_("For example social.example.org"),
        widget=forms.TextInput({"class": "input", "autocomplete": "off", "inputmode": "url", "spellcheck": "false"}),
        error_messages={"required": _("Write the address of the server where the account lives.")},
    )
    name = name_of_channel()
    field_order = ("platform", "url", "token", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = platforms()
        self.names = " · ".join(name for _slug, name in known)
        if len(known) == 1:
            self.fields["platform"].widget = forms.HiddenInput()
            self.fields["platform"].initial = known[0][0]

    def given(self) -> dict[str, Any]:
        """Return what connecting asks for."""
        return {key: self.cleaned_data[key] for key in ("platform", "url", "token", "name")}


class PasswordForm(KeyForm):
    """An account that is opened by its name and a password made for us alone."""

    account = forms.CharField(
        label=_("Name of the account"),
        max_length=255,
        help_text=_("The whole handle, for example valdoro.bsky.social, or the account’s DID"),
        widget=forms.TextInput({"class": "input", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Write the whole name of the account, with its dots.")},
    )
    name = name_of_channel()
    field_order = ("account", "token", "name")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="password-%s")
        ask_for_password(self)

    def given(self) -> dict[str, Any]:
        """Return what signing in asks for."""
        typed = self.cleaned_data
        return {"account": typed["account"], "password": typed["token"], "name": typed["name"]}


def ask_for_password(form: KeyForm) -> None:
    """Word the field of the key for platforms where it is an app password."""
    field = form.fields["token"]
    field.label = _("App password")
    field.help_text = _("It looks like abcd-efgh-ijkl-mnop. Not the account’s main password: we refuse that one.")
    field.error_messages["required"] = _("Without an app password the channel stays closed. Make one in the settings of the account.")
