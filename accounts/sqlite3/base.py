"""The database wrapper: every write transaction, and every write outside of one, passes the turnstile."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

from accounts.sqlite3.turnstile import PATIENCE_S, Turnstile

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class QueueingCursor(SQLiteCursorWrapper):
    """A cursor whose writes wait for their turn where no transaction has waited already."""

    turnstile: Turnstile | None = None
    goes_first = False

    def execute(self, query: str, params: Any = None) -> Any:
        """Run a statement."""
        return self._in_turn(query, lambda: super(QueueingCursor, self).execute(query, params))

    def executemany(self, query: str, param_list: Any) -> Any:
        """Run a statement for many rows."""
        return self._in_turn(query, lambda: super(QueueingCursor, self).executemany(query, param_list))

    def _in_turn(self, query: str, run: Callable[[], Any]) -> Any:
        turnstile = self.turnstile
        if turnstile is None or turnstile.is_inside or not query.lstrip()[:7].upper().startswith(WRITES):
            return run()
        turnstile.enter(first=self.goes_first)
        try:
            return run()
        finally:
            turnstile.leave()


class DatabaseWrapper(base.DatabaseWrapper):
    """SQLite in a file that several processes write. ``goes_first`` is set by the clock on its own connection."""

    goes_first = False
    turnstile: Turnstile | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open the file, and the turnstile beside it."""
        connection = super().get_new_connection(conn_params)
        if not self.is_in_memory_db() and self.turnstile is None:
            patience_s = float(conn_params.get("timeout", PATIENCE_S))
            self.turnstile = Turnstile(Path(str(conn_params["database"])), patience_s=patience_s)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:  # noqa: ARG002  (Django’s signature)
        """Return a cursor that knows the turnstile."""
        cursor = self.connection.cursor(factory=QueueingCursor)
        cursor.turnstile, cursor.goes_first = self.turnstile, self.goes_first
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        if self.turnstile is not None:
            self.turnstile.enter(first=self.goes_first)
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs leave private methods out
        except BaseException:  # whatever it was, the next one must get in; it goes on upwards
            self._leave()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]  # the stubs leave private methods out
        finally:
            self._leave()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # the stubs leave private methods out
        finally:
            self._leave()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # the stubs leave private methods out
        finally:
            if self.turnstile is not None:
                self.turnstile.close()

    def _leave(self) -> None:
        if self.turnstile is not None:
            self.turnstile.leave()
