"""The sign-in library’s forms in our look, and what they must not tell."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, ResetPasswordKeyForm, UserTokenForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.forms import Dressed
from accounts.sign_in import may_enter


class SignInForm(Dressed, LoginForm):  # type: ignore[misc]  # the library is untyped
    """Address and password."""


class ChangeForm(Dressed, ChangePasswordForm):  # type: ignore[misc]  # the library is untyped
    """The old password and the new one."""


class NewPasswordForm(Dressed, ResetPasswordKeyForm):  # type: ignore[misc]  # the library is untyped
    """The new password, after a letter."""


class ResetForm(Dressed, ResetPasswordForm):  # type: ignore[misc]  # the library is untyped
    """Asks for the address; people who do not sign in get the same answer and no letter."""

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
