"""Signing in by e-mail: who may, what they are told, and which letters it sends."""

import uuid
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.address import client_address
from accounts.letters import post_letter
from accounts.models import User

# Which letter stands for which of the sign-in library’s; what is not here is never sent.
RESET = "account/email/password_reset_key"
CONFIRM = ("account/email/email_confirmation", "account/email/email_confirmation_signup")


def may_enter(user: AbstractBaseUser | None) -> bool:
    """Tell whether somebody may have a session: an active person with a role somewhere, who signs in at all."""
    if not isinstance(user, User) or not (user.is_active and user.may_sign_in):
        return False
    return user.is_staff or user.memberships.exists()


def make_verified(user: User) -> EmailAddress:
    """Write down that the person’s address is theirs: by a command, the demo, or an invitation that reached it."""
    address, _is_new = EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    return address


class MemberBackend(AuthenticationBackend):  # type: ignore[misc]  # the library is untyped
    """Knows only people who may enter, and asks again at every request: a session ends with the right to it."""

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        """Refuse clients, experts, disabled people and those without any role."""
        return may_enter(user)

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session, or nobody."""
        user = User.objects.filter(pk=user_id).first()
        return user if may_enter(user) else None

    def _check_password(self, user: AbstractBaseUser | None, password: str) -> AbstractBaseUser | None:
        """Answer a refused person like a stranger, in words and in time."""
        return super()._check_password(user, password) if may_enter(user) else None


class SignInAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library is untyped
    """What the sign-in library asks of the installation."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("Address and password do not match. Check both, then try again."),
        "too_many_login_attempts": _("There have been too many attempts. Wait five minutes, then try again."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  (the library’s signature)
        """Nobody signs up: people are invited."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Limits count by the address that our proxies vouch for."""
        return client_address(request) or "unknown"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the letter as a row like all others."""
        user = context.get("user")
        if not isinstance(user, User):
            return  # an address that nobody has gets no letter
        if template_prefix == RESET:
            kind, secret = "password_reset", f"{context['uid']}-{context['key']}"
        elif template_prefix in CONFIRM:
            kind, secret = "confirm_address", str(context["key"])
        else:
            return
        post_letter(
            kind=kind,
            to=user,
            address=email,
            brand=None,
            subject=user,
            parts={},
            secret=secret,
            dedupe_key=f"{kind}:{uuid.uuid4()}",
        )
