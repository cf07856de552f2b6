"""What is written down stays written down."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import audit
from accounts.models import AuditEntry, Role
from accounts.models.audit import AppendOnlyError
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db


def entry() -> AuditEntry:
    brand = make_brand()
    mara = make_member("Mara", brand, Role.MANAGER)
    return audit.record("post.created", by=mara, brand=brand, subject=brand, data={"post": 7}, address="198.51.100.77")


def test_an_entry_says_who_what_whose_and_from_where() -> None:
    made = entry()
    assert made.actor is not None
    assert made.actor.name == "Mara"
    assert made.brand is not None
    assert (made.agency_id, made.subject_kind, made.subject_id) == (made.brand.agency_id, "brand", made.brand_id)
    assert made.address_short == "198.51.100.0"


def test_an_entry_is_never_changed_or_deleted_by_any_door() -> None:
    made = entry()
    made.verb = "something else"
    for attempt in (
        made.save,
        made.delete,
        lambda: AuditEntry.objects.update(verb="x"),
        lambda: AuditEntry.objects.filter(pk=made.pk).update(verb="x"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.bulk_update([made], ["verb"]),
        lambda: AuditEntry.objects.update_or_create(pk=made.pk, defaults={"verb": "x"}),
    ):
        with pytest.raises(AppendOnlyError):
            attempt()
    made.refresh_from_db()
    assert made.verb == "post.created"


def refused_by_database(statement: str, number: int) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [number])


def test_the_database_refuses_to_change_an_entry() -> None:
    made = entry()
    refused_by_database("UPDATE accounts_auditentry SET verb = 'x' WHERE id = %s", made.pk)


def test_the_digest_is_filled_once() -> None:
    made = entry()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_auditentry SET digest = 'abc' WHERE id = %s", [made.pk])
    refused_by_database("UPDATE accounts_auditentry SET digest = 'def' WHERE id = %s", made.pk)


def test_line_ends_and_overrides_are_written_out_and_bodies_are_cut() -> None:
    made = audit.record(
        "a.b", by=None, label="clock\r\nforged", data={"said": "x\u202ey\n" + "z" * 500, "many": [1, "\n"]}
    )
    assert made.actor_label == "clock\\u000d\\u000aforged"
    assert "\n" not in made.data["said"]
    assert "\\u202e" in made.data["said"]
    assert len(made.data["said"]) == audit.LONGEST
    assert made.data["many"] == [1, "\\u000a"]
