"""The vault: secrets are kept encrypted, each bound to its place, under keys that live outside the database."""

import base64
import binascii
import secrets
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE_BYTES = 12
KEY_BYTES = 32
VERSION = "v1"


class Unreadable(Exception):
    """A sealed text does not open: other key, other place, or changed. Says nothing of its content."""


def new_key() -> str:
    """Return a fresh key as the settings hold it: its name, a colon, 64 hexadecimal digits."""
    return f"{datetime.now(UTC):%Y%m%d}{secrets.token_hex(2)}:{secrets.token_hex(KEY_BYTES)}"


def seal(plain: str, *, bound_to: str) -> str:
    """Return a text sealed with the newest key. It opens only where ``bound_to`` is the same."""
    name, cipher = next(iter(_ciphers(tuple(settings.VAULT_KEYS)).items()))
    nonce = secrets.token_bytes(NONCE_BYTES)
    body = cipher.encrypt(nonce, plain.encode(), _place(name, bound_to))
    return ".".join((VERSION, name, base64.urlsafe_b64encode(nonce + body).decode()))


def open_sealed(sealed: str, *, bound_to: str) -> str:
    """Return what was sealed, or raise Unreadable."""
    try:
        version, name, body = sealed.split(".")
        cipher = _ciphers(tuple(settings.VAULT_KEYS))[name]
        raw = base64.b64decode(body, altchars=b"-_", validate=True)
        if version != VERSION or base64.urlsafe_b64encode(raw).decode() != body:  # one spelling only
            raise Unreadable("sealed by another version, or changed")
        return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _place(name, bound_to)).decode()
    except (ValueError, KeyError, binascii.Error, InvalidTag):
        raise Unreadable("sealed with another key, for another place, or changed") from None


def check_keys(keys: tuple[str, ...]) -> None:
    """Raise ImproperlyConfigured with a sentence where a key cannot be one."""
    _ciphers(keys)


def _place(name: str, bound_to: str) -> bytes:
    return f"{VERSION}:{name}:{bound_to}".encode()


@lru_cache(maxsize=8)
def _ciphers(keys: tuple[str, ...]) -> dict[str, AESGCM]:
    """Return a cipher per key name, newest first."""
    if not keys:
        raise ImproperlyConfigured("PALINSESTO_VAULT_KEYS is empty: make one with `manage.py make_vault_key`.")
    return {name: AESGCM(body) for name, body in map(_read_key, keys)}


def _read_key(key: str) -> tuple[str, bytes]:
    name, colon, digits = key.partition(":")
    if not colon or not name.isalnum() or len(digits) != 2 * KEY_BYTES or not _is_hex(digits):
        raise ImproperlyConfigured(
            "PALINSESTO_VAULT_KEYS holds something that is no key: write NAME:DIGITS with 64 hexadecimal digits,"
            " as `manage.py make_vault_key` prints them."
        )
    return name, bytes.fromhex(digits)


def _is_hex(digits: str) -> bool:
    return all(digit in "0123456789abcdefABCDEF" for digit in digits)
