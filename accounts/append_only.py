"""The database itself refuses to change the audit, whoever asks, wherever it can."""

from typing import Any

from django.db import connections

TABLE = "accounts_auditentry"
FIXED = "agency_id, brand_id, actor_id, actor_label, link_id, verb, subject_kind, subject_id, data, address_short, at"
REFUSAL = "the audit is append-only"

# The digest may be filled later, once. On SQLite emptying a table is a plain DELETE, which resetting a demo
# needs; there deletion is refused by the program alone.
SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS audit_is_append_only BEFORE UPDATE OF {FIXED} ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER IF NOT EXISTS audit_digest_is_final BEFORE UPDATE OF digest ON {TABLE} WHEN OLD.digest <> '' "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
)
POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
    f"CREATE OR REPLACE TRIGGER audit_is_append_only BEFORE DELETE OR UPDATE OF {FIXED} ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuses()",
    f"CREATE OR REPLACE TRIGGER audit_digest_is_final BEFORE UPDATE OF digest ON {TABLE} "
    "FOR EACH ROW WHEN (OLD.digest <> '') EXECUTE FUNCTION audit_refuses()",
)
STATEMENTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def guard_audit(*, using: str, **_kwargs: Any) -> None:
    """Put the triggers in place after every migration: rebuilding a table on SQLite loses them."""
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in STATEMENTS.get(connection.vendor, ()):
            cursor.execute(statement)
