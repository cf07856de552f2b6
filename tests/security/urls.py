"""The register: every address of the program. An address that is missing here fails the suite."""

from typing import Any

from accounts.models import Role
from accounts.permissions import Ability
from tests.security.routes import Open, Route, brand, nothing
from tests.security.urls_desk import COMMUNITY, PUBLISHER
from tests.security.urls_plan import GUESTS, PLAN
from tests.security.world import Side

LIBRARY = "the sign-in library decides: tests/accounts/test_sign_in.py"


def invited(side: Side) -> dict[str, Any]:
    return {"brand": side.brand.pk, "invitation": side.invitation_and_secret[0].pk}


def member(side: Side) -> dict[str, Any]:
    return {"brand": side.brand.pk, "membership": side.membership.pk}


ACCOUNTS: dict[str, Route] = {
    "account_login": Route(get=Open.ANYONE, post=Open.ANYONE, unaudited=LIBRARY),
    "account_logout": Route(get=Open.ANYONE, post=Open.ANYONE, unaudited=LIBRARY, note="sends strangers home"),
    "account_inactive": Route(get=Open.ANYONE),
    "account_email_verification_sent": Route(get=Open.ANYONE),
    "account_confirm_email": Route(
        get=Open.ANYONE, post=Open.ANYONE, made=lambda _s: {"key": "none"}, unaudited=LIBRARY, note="the key decides"
    ),
    "account_change_password": Route(get=Open.SIGNED_IN, post=Open.SIGNED_IN, unaudited=LIBRARY),
    "account_reset_password": Route(get=Open.ANYONE, post=Open.ANYONE, unaudited=LIBRARY),
    "account_reset_password_done": Route(get=Open.ANYONE),
    "account_reset_password_from_key_done": Route(get=Open.ANYONE),
    "account_reset_password_from_key": Route(
        get=Open.ANYONE,
        post=Open.ANYONE,
        made=lambda _s: {"uidb36": "1", "key": "set-password"},
        unaudited=LIBRARY,
        note="the key decides",
    ),
    "profile": Route(
        get=Open.SIGNED_IN,
        post=Open.SIGNED_IN,
        body=lambda _s: {"name": "Mara", "language": "it", "zone": "Europe/Rome"},
        verb="profile.changed",
    ),
    "accept_invitation": Route(
        get=Open.ANYONE,
        post=Open.ANYONE,
        made=lambda s: {"secret": s.invitation_and_secret[1]},
        body=lambda _s: {"name": "Nina", "password": "a sentence nobody guesses", "again": "a sentence nobody guesses"},
        verb="people.joined",
        note="the secret decides",
    ),
    "link_again": Route(
        post=Open.ANYONE,
        made=lambda s: {"public_id": s.link.public_id},
        body=nothing,
        verb="link.sent_again",
        note="writes to the same person only",
    ),
    "open_link": Route(
        get=Open.ANYONE,
        made=lambda s: {"secret": s.link_and_secret[1]},
        writes="accounts_guestlink: when it was last opened",
        note="the secret decides",
    ),
    "people": Route(get=Ability.READ, made=brand),
    "person_invite": Route(
        post=Ability.MANAGE_PEOPLE,
        made=brand,
        body=lambda _s: {"email": "new@example.test", "role": "brand:editor"},
        verb="people.invited",
    ),
    "person_add": Route(
        post=Ability.MANAGE_PEOPLE,
        made=brand,
        body=lambda _s: {"name": "Gina", "email": "gina@example.test", "role": Role.CLIENT, "language": "it"},
        verb="people.added",
    ),
    "person_role": Route(
        post=Ability.MANAGE_PEOPLE, made=member, body=lambda _s: {"role": Role.MODERATOR}, verb="people.role_changed"
    ),
    "person_remove": Route(post=Ability.MANAGE_PEOPLE, made=member, body=nothing, verb="people.removed"),
    "person_links": Route(
        post=Ability.MANAGE_PEOPLE,
        made=member,
        body=nothing,
        unaudited="one entry per closed link: tests/accounts/test_links.py",
    ),
    "invitation_revoke": Route(
        post=Ability.MANAGE_PEOPLE, made=invited, body=nothing, verb="people.invitation_revoked"
    ),
    "audit": Route(get=Ability.SEE_AUDIT, made=brand),
    "audit_file": Route(get=Ability.SEE_AUDIT, made=brand),
}

CONFIG: dict[str, Route] = {
    "home": Route(get=Open.SIGNED_IN),
    "healthz": Route(get=Open.ANYONE, note="says whether it lives, nothing else"),
    "metrics": Route(get=Open.ANYONE, note="nothing, unless the installation names who may read: tests/publisher/test_metrics.py"),
}

ROUTES: dict[str, Route] = {**CONFIG, **ACCOUNTS, **PUBLISHER, **PLAN, **GUESTS, **COMMUNITY}
