"""A person, known by e-mail address."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _


class People(BaseUserManager["User"]):
    """Makes people; the address is stored in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a stored person. Without a password nobody can sign in as them."""
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a stored person who may enter the admin, where it is switched on."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody we know. Clients and experts have ``may_sign_in`` False: they come by link only."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=8, default="it")
    zone = models.CharField(_("time zone"), max_length=64, default="Europe/Rome")
    may_sign_in = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name as people say it (the admin asks for it)."""
        return self.name

    def get_short_name(self) -> str:
        """Return the first name."""
        return self.name.split(" ", 1)[0] if self.name else self.email

    @property
    def initials(self) -> str:
        """Return at most two letters for the round crest."""
        words = (self.name or self.email).split()
        return "".join(word[0] for word in words[:2]).upper()
