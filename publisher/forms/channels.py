"""Connecting a channel: platform, address and the key that opens the account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from publisher.contract.errors import AdapterError
from publisher.platforms import PLATFORMS, adapter_of
from publisher.sentences import sentence

ON_THE_ADDRESS = {"address_malformed", "server_not_reached", "server_moved", "server_busy", "rate_limited"}


def platforms() -> list[tuple[str, str]]:
    """Return the platforms that can be connected."""
    return [(slug, adapter_of(slug).name) for slug in PLATFORMS]


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
        field = "url" if error.code in ON_THE_ADDRESS and "url" in self.fields else "token"
        self.add_error(field, sentence(error.code, error.values))


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
    name = forms.CharField(
        label=_("Name of the channel"),
        max_length=120,
        required=False,
        help_text=_("As you call it among yourselves. Left empty, it takes the name of the account."),
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
    )
    field_order = ("platform", "url", "token", "name")

    def given(self) -> dict[str, Any]:
        """Return what connecting asks for."""
        return {key: self.cleaned_data[key] for key in ("platform", "url", "token", "name")}
