"""The sign-in library’s forms in our look, and what they must not tell."""

from collections.abc import Mapping
from typing import Any, ClassVar

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, ResetPasswordKeyForm, UserTokenForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import Dressed
from accounts.sign_in import may_enter

HINT = _("At least 12 characters. A sentence is easier to remember than a riddle.")
NEW = {"password1": _("New password"), "password2": _("The same password again")}


class Worded(Dressed):
    """Says what we say everywhere, not what the library says."""

    labels: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.labels.items():
            self.fields[name].label = label
            self.fields[name].help_text = HINT if name == "password1" else ""


class SignInForm(Worded, LoginForm):  # type: ignore[misc]  # the library is untyped
    """Address and password."""

    labels = {"login": _("Email address"), "password": _("Password")}


class ChangeForm(Worded, ChangePasswordForm):  # type: ignore[misc]  # the library is untyped
    """The old password and the new one."""

    labels = {"oldpassword": _("Your current password"), **NEW}


class NewPasswordForm(Worded, ResetPasswordKeyForm):  # type: ignore[misc]  # the library is untyped
    """The new password, after a letter."""

    labels = NEW


class ResetForm(Worded, ResetPasswordForm):  # type: ignore[misc]  # the library is untyped
    """Asks for the address; people who do not sign in get the same answer and no letter."""

    labels = {"email": _("Email address")}
    users: list[AbstractBaseUser]

    def clean_email(self) -> str:
        """Keep only those who may enter."""
        email = str(super().clean_email())
        self.users = [user for user in self.users if may_enter(user)]
        return email


class ResetTokenForm(UserTokenForm):  # type: ignore[misc]  # the library is untyped
    """A reset link of somebody who may no longer enter is as good as none."""

    reset_user: AbstractBaseUser | None

    def clean(self) -> dict[str, Any]:
        """Refuse like a wrong link."""
        cleaned: dict[str, Any] = super().clean()
        if self.reset_user and not may_enter(self.reset_user):
            self.reset_user = None
            raise ValidationError(_("This link no longer works"))
        return cleaned
