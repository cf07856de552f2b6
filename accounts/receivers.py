"""What signing in and out leaves in the audit."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import audit, sessions
from accounts.models import Agency, User


@receiver(user_logged_in, dispatch_uid="accounts.note_sign_in")
def note_sign_in(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """A session begins."""
    sessions.begin(request)
    audit.record("session.began", by=user, agency=agency_of(user), subject=user)


@receiver(user_logged_out, dispatch_uid="accounts.note_sign_out")
def note_sign_out(*, user: User | None, **_kwargs: Any) -> None:
    """A session ends."""
    if isinstance(user, User):
        audit.record("session.ended", by=user, agency=agency_of(user), subject=user)


@receiver(user_login_failed, dispatch_uid="accounts.note_failure")
def note_failure(*, credentials: dict[str, Any], **_kwargs: Any) -> None:
    """Somebody tried. The typed name is not kept; the person whose it is, by reference."""
    typed = str(credentials.get("email") or credentials.get("username") or "")
    user = User.objects.filter(email=typed.strip().lower()).first()
    audit.record(
        "session.refused", by=None, agency=agency_of(user) if user else None, subject=user, label="sign-in page"
    )


@receiver(password_changed, dispatch_uid="accounts.note_password_change")
def note_password_change(*, user: User, **_kwargs: Any) -> None:
    """Somebody chose another password, knowing the old one."""
    audit.record("password.changed", by=user, agency=agency_of(user), subject=user)


@receiver(password_reset, dispatch_uid="accounts.note_password_reset")
def note_password_reset(*, user: User, **_kwargs: Any) -> None:
    """Somebody chose another password through a letter."""
    audit.record("password.reset", by=user, agency=agency_of(user), subject=user)


def agency_of(user: User) -> Agency | None:
    """Return the agency in whose book a person’s own acts stand: the first they joined."""
    first = user.memberships.select_related("agency").order_by("pk").first()
    return first.agency if first else None
