"""People and roles: invited, changed, removed, each by whoever may."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import invitations, links, people
from accounts.models import AuditEntry, Brand, Invitation, Membership, OutgoingMail, Role, User
from accounts.permissions import roles_in
from tests.accounts.make_accounts import PASSWORD, address_in, make_guest, post_all_letters, signed_in
from tests.make import make_brand, make_member, make_owner, make_user

pytestmark = pytest.mark.django_db
NEW = {"name": "Nina Rossi", "password": "a sentence nobody guesses", "again": "a sentence nobody guesses"}


@pytest.fixture
def brand() -> Brand:
    return make_brand()


@pytest.fixture
def mara(brand: Brand) -> User:
    return make_member("Mara", brand, Role.MANAGER)


def invite(browser: Client, brand: Brand, email: str = "Nina@Example.test", role: str = "brand:editor") -> str:
    """Invite by the page; returns the path in the letter."""
    answer = browser.post(reverse("person_invite", args=[brand.pk]), {"email": email, "role": role})
    assert answer.status_code == 302, answer.content.decode()
    return address_in(post_all_letters()[-1])


def test_an_invitation_makes_a_member_who_signs_in(brand: Brand, mara: User) -> None:
    address = invite(signed_in(mara), brand)
    browser = Client()
    assert browser.get(address).status_code == 200
    assert not User.objects.filter(email="nina@example.test").exists(), "opening makes nobody"
    assert browser.post(address, NEW)["Location"] == reverse("account_login")
    nina = User.objects.get(email="nina@example.test")
    assert (nina.name, roles_in(nina, brand)) == ("Nina Rossi", {Role.EDITOR})
    login = {"login": nina.email, "password": NEW["password"]}
    assert browser.post(reverse("account_login"), login).status_code == 302
    assert browser.get(reverse("people", args=[brand.pk])).status_code == 200
    assert browser.get(address).status_code == 404, "an invitation works once"
    assert {"people.invited", "people.joined"} <= set(AuditEntry.objects.values_list("verb", flat=True))


def test_the_secret_of_an_invitation_is_stored_nowhere(brand: Brand, mara: User) -> None:
    secret = invite(signed_in(mara), brand).split("/")[2]
    assert secret not in str(list(Invitation.objects.values())) + str(list(OutgoingMail.objects.values()))


def test_unknown_expired_revoked_and_used_invitations_answer_alike(brand: Brand, mara: User) -> None:
    browser = signed_in(mara)
    expired = invite(browser, brand, "a@example.test")
    Invitation.objects.update(expires_at=timezone.now())
    revoked = invite(browser, brand, "b@example.test")
    row = Invitation.objects.get(email="b@example.test")
    browser.post(reverse("invitation_revoke", args=[brand.pk, row.pk]))
    texts = {Client().get(path).content for path in (expired, revoked, "/invitations/unknown/")}
    assert len(texts) == 1
    assert Client().post(revoked, NEW).status_code == 404
    assert not User.objects.filter(email__in=["a@example.test", "b@example.test"]).exists()


def test_an_invitation_ends_after_seven_days(brand: Brand, mara: User) -> None:
    address = invite(signed_in(mara), brand)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert Client().get(address).status_code == 404


def test_an_invitation_opens_nothing_to_somebody_who_was_shut_out(brand: Brand, mara: User) -> None:
    left = make_user("Vito", is_active=False)
    address = invite(signed_in(mara), brand, email=left.email)
    Client().post(address, NEW)
    left.refresh_from_db()
    assert not left.is_active
    assert not Membership.objects.filter(user=left).exists()
    assert left.check_password(PASSWORD)


def test_inviting_again_ends_the_older_invitation(brand: Brand, mara: User) -> None:
    browser = signed_in(mara)
    older, newer = invite(browser, brand), invite(browser, brand, role="brand:moderator")
    assert Client().get(older).status_code == 404
    assert Client().get(newer).status_code == 200


def test_a_withdrawn_invitation_that_has_not_left_stays_at_home(brand: Brand, mara: User) -> None:
    made = invitations.invite(email="x@example.test", role=Role.EDITOR, brand=brand, whole_agency=False, by=mara)
    invitations.revoke(made, by=mara, brand=brand)
    assert post_all_letters() == []
    assert not OutgoingMail.objects.exclude(sealed="").exists()


def test_somebody_who_signs_in_already_keeps_name_and_password(brand: Brand, mara: User) -> None:
    ed = make_member("Ed", make_brand(), Role.EDITOR)
    address = invite(signed_in(mara), brand, ed.email)
    Client().post(address, {**NEW, "name": "Thief"})
    ed.refresh_from_db()
    assert ed.name == "Ed"
    assert ed.check_password(PASSWORD)
    assert roles_in(ed, brand) == {Role.EDITOR}


def test_a_client_who_becomes_an_editor_chooses_a_password(brand: Brand, mara: User) -> None:
    cleo = make_member("Cleo", make_brand(), Role.CLIENT)
    Client().post(invite(signed_in(mara), brand, cleo.email), NEW)
    cleo.refresh_from_db()
    assert cleo.may_sign_in
    assert cleo.check_password(NEW["password"])


def test_a_weak_or_mistyped_password_comes_back_with_the_reason_and_the_name(brand: Brand, mara: User) -> None:
    address = invite(signed_in(mara), brand)
    short = Client().post(address, {"name": "Nina Rossi", "password": "short", "again": "short"})
    assert short.status_code == 422
    assert "Nina Rossi" in short.content.decode()
    other = Client().post(address, {**NEW, "again": "another sentence entirely"})
    assert other.status_code == 422
    assert not User.objects.filter(email="nina@example.test").exists()


def test_a_manager_gives_no_role_above_their_own(brand: Brand, mara: User) -> None:
    browser = signed_in(mara)
    for role in ("agency:owner", "agency:manager", "brand:owner", "brand:client", "nonsense"):
        answer = browser.post(reverse("person_invite", args=[brand.pk]), {"email": "x@example.test", "role": role})
        assert answer.status_code == 422
    with pytest.raises(people.PeopleError):
        invitations.invite(email="x@example.test", role=Role.OWNER, brand=brand, whole_agency=True, by=mara)
    assert not Invitation.objects.exists()


def test_an_owner_invites_into_the_whole_agency(brand: Brand) -> None:
    address = invite(signed_in(make_owner("Olga", brand.agency)), brand, role="agency:manager")
    Client().post(address, NEW)
    nina = User.objects.get(email="nina@example.test")
    assert roles_in(nina, make_brand(brand.agency)) == {Role.MANAGER}


def test_a_manager_cannot_touch_an_owner_nor_themselves(brand: Brand, mara: User) -> None:
    olga = make_owner("Olga", brand.agency)
    browser = signed_in(mara)
    for person in (olga, mara):
        row = Membership.objects.get(user=person)
        browser.post(reverse("person_role", args=[brand.pk, row.pk]), {"role": "editor"})
        browser.post(reverse("person_remove", args=[brand.pk, row.pk]))
        assert Membership.objects.filter(user=person, role=row.role).exists()


def test_nobody_leaves_an_agency_without_an_owner(brand: Brand) -> None:
    olga, otis = make_owner("Olga", brand.agency), make_owner("Otis", brand.agency)
    people.remove(Membership.objects.get(user=otis), brand=brand, by=olga)
    with pytest.raises(people.PeopleError):
        people.remove(Membership.objects.get(user=olga), brand=brand, by=olga)


def test_two_owners_who_remove_each_other_at_once_do_not_both_go(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    olga = make_owner("Olga", brand.agency)
    monkeypatch.setattr(people, "may_touch", lambda *_asked: True)  # both were asked before either was gone
    with pytest.raises(people.PeopleError):
        people.remove(Membership.objects.get(user=olga), brand=brand, by=olga)
    with pytest.raises(people.PeopleError):
        people.change_role(Membership.objects.get(user=olga), role=Role.MANAGER, brand=brand, by=olga)


def test_a_changed_role_counts_at_once_and_is_written_down(brand: Brand, mara: User) -> None:
    ed = make_member("Ed", brand, Role.EDITOR)
    row = Membership.objects.get(user=ed)
    signed_in(mara).post(reverse("person_role", args=[brand.pk, row.pk]), {"role": "moderator"})
    assert roles_in(ed, brand) == {Role.MODERATOR}
    entry = AuditEntry.objects.get(verb="people.role_changed")
    assert (entry.actor, entry.data) == (mara, {"was": "editor", "is": "moderator"})


def test_who_comes_by_link_does_not_become_a_colleague_by_a_list(brand: Brand, mara: User) -> None:
    cleo = make_member("Cleo", brand, Role.CLIENT)
    row = Membership.objects.get(user=cleo)
    signed_in(mara).post(reverse("person_role", args=[brand.pk, row.pk]), {"role": "manager"})
    assert roles_in(cleo, brand) == {Role.CLIENT}


def test_removing_somebody_closes_their_links_here_and_not_elsewhere(brand: Brand, mara: User) -> None:
    here, _ = make_guest(brand)
    cleo, beside = here.user, make_brand(brand.agency)
    there, _ = make_guest(beside, user=cleo)
    signed_in(mara).post(reverse("person_remove", args=[brand.pk, Membership.objects.get(user=cleo).pk]))
    here.refresh_from_db()
    there.refresh_from_db()
    assert not links.is_open(here)
    assert links.is_open(there)
    assert not Membership.objects.filter(user=cleo).exists()


def test_a_client_who_becomes_an_expert_reads_no_plan_any_more(brand: Brand, mara: User) -> None:
    link, _secret = make_guest(brand)
    row = Membership.objects.get(user=link.user)
    people.change_role(row, role=Role.EXPERT, brand=brand, by=mara)
    link.refresh_from_db()
    assert not links.is_open(link)


def test_a_contact_has_no_password_and_no_way_in(brand: Brand, mara: User) -> None:
    fields = {"name": "Giulia Ferri", "email": "Giulia@example.test", "role": "client", "language": "it"}
    browser = signed_in(mara)
    assert browser.post(reverse("person_add", args=[brand.pk]), fields).status_code == 302
    giulia = User.objects.get(email="giulia@example.test")
    assert (giulia.may_sign_in, giulia.has_usable_password(), giulia.zone) == (False, False, brand.zone)
    browser.post(reverse("person_add", args=[brand.pk]), fields)
    assert Membership.objects.filter(user=giulia).count() == 1
    assert not mail.outbox


def test_editors_see_the_list_and_change_nothing(brand: Brand, mara: User) -> None:
    browser = signed_in(make_member("Ed", brand, Role.EDITOR))
    page = browser.get(reverse("people", args=[brand.pk]))
    assert page.status_code == 200
    assert "<form" not in page.content.decode().split("<main")[1].split("</main>")[0]
    row = Membership.objects.get(user=mara)
    for name, args in (
        ("person_invite", []),
        ("person_add", []),
        ("person_role", [row.pk]),
        ("person_remove", [row.pk]),
    ):
        assert browser.post(reverse(name, args=[brand.pk, *args])).status_code == 403


def test_a_membership_or_invitation_of_another_brand_is_not_there(brand: Brand, mara: User) -> None:
    foreign = make_brand()
    otto = make_member("Otto", foreign, Role.EDITOR)
    boss = make_member("Boss", foreign, Role.MANAGER)
    row = Membership.objects.get(user=otto)
    made = invitations.invite(email="x@example.test", role=Role.EDITOR, brand=foreign, whole_agency=False, by=boss)
    browser = signed_in(mara)
    assert browser.post(reverse("person_remove", args=[brand.pk, row.pk])).status_code == 404
    assert browser.post(reverse("person_role", args=[brand.pk, row.pk]), {"role": "client"}).status_code == 404
    assert browser.post(reverse("invitation_revoke", args=[brand.pk, made.pk])).status_code == 404
    assert browser.post(reverse("invitation_revoke", args=[foreign.pk, made.pk])).status_code == 404
    made.refresh_from_db()
    assert made.revoked_at is None


def test_a_manager_of_one_brand_does_not_withdraw_an_invitation_into_the_agency(brand: Brand, mara: User) -> None:
    olga = make_owner("Olga", brand.agency)
    made = invitations.invite(email="x@example.test", role=Role.MANAGER, brand=brand, whole_agency=True, by=olga)
    assert signed_in(mara).post(reverse("invitation_revoke", args=[brand.pk, made.pk])).status_code == 403
    made.refresh_from_db()
    assert made.revoked_at is None


def test_a_profile_keeps_language_and_zone_and_nothing_else(mara: User) -> None:
    browser = signed_in(mara)
    fields = {
        "name": "Mara Bianchi",
        "language": "en",
        "zone": "America/New_York",
        "email": "x@example.test",
        "is_staff": "1",
    }
    assert browser.post(reverse("profile"), fields).status_code == 302
    was = mara.email
    mara.refresh_from_db()
    assert (mara.name, mara.language, mara.zone) == ("Mara Bianchi", "en", "America/New_York")
    assert (mara.email, mara.is_staff) == (was, False)
    assert browser.post(reverse("profile"), {**fields, "zone": "Mars/Olympus"}).status_code == 422


def test_somebody_without_any_role_is_nobody(brand: Brand) -> None:
    alone = make_user("Alone")
    browser = Client()
    browser.force_login(alone)
    assert browser.get(reverse("people", args=[brand.pk])).status_code == 302
