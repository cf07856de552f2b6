"""The addresses of this package. Of the sign-in library only what is used stands here."""

from allauth.account import views as sign_in
from django.conf import settings
from django.urls import URLPattern, URLResolver, path, re_path

from accounts.views import audit, invitations, links, people, profile, tray

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/login/", sign_in.login, name="account_login"),
    path("accounts/logout/", sign_in.logout, name="account_logout"),
    path("accounts/inactive/", sign_in.account_inactive, name="account_inactive"),
    path("accounts/confirm-email/", sign_in.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", sign_in.confirm_email, name="account_confirm_email"),
    path("accounts/password/change/", sign_in.password_change, name="account_change_password"),
    path("accounts/password/reset/", sign_in.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", sign_in.password_reset_done, name="account_reset_password_done"),
    path(
        "accounts/password/reset/key/done/",
        sign_in.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        sign_in.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("profile/", profile.profile, name="profile"),
    path("invitations/<str:secret>/", invitations.accept_invitation, name="accept_invitation"),
    path("r/again/<uuid:public_id>/", links.link_again, name="link_again"),
    path("r/<str:secret>", links.open_link, name="open_link"),
    path("b/<int:brand>/people/", people.people, name="people"),
    path("b/<int:brand>/people/invite/", people.person_invite, name="person_invite"),
    path("b/<int:brand>/people/add/", people.person_add, name="person_add"),
    path("b/<int:brand>/people/<int:membership>/role/", people.person_role, name="person_role"),
    path("b/<int:brand>/people/<int:membership>/remove/", people.person_remove, name="person_remove"),
    path("b/<int:brand>/people/<int:membership>/links/", people.person_links, name="person_links"),
    path("b/<int:brand>/invitations/<int:invitation>/revoke/", people.invitation_revoke, name="invitation_revoke"),
    path("b/<int:brand>/audit/", audit.audit, name="audit"),
    path("b/<int:brand>/audit.csv", audit.audit_file, name="audit_file"),
]
if settings.DEMO:
    urlpatterns += [
        path("posta/", tray.letters, name="letters"),
        path("posta/<str:name>/", tray.letter, name="letter"),
    ]
