"""A plan as spreadsheets save it: their signs, their days, their names for columns."""

from datetime import datetime

import pytest

from calendar_app.plan_file import take_apart
from calendar_app.plan_hours import read_hour, unreadable


@pytest.mark.parametrize(
    "written",
    ["3/12/2026", "03/12/26", "3.12.2026", "3-12-2026", "3 dic. 2026", "3 dicembre 2026", "giovedì 3 dicembre 2026",
     "3-dic-26", "3 Dec 2026", "2026-12-03"],
)  # fmt: skip
def test_a_day_is_read_as_spreadsheets_write_it(written: str) -> None:
    assert read_hour(written, "9.30", zone="Europe/Rome").wall == datetime(2026, 12, 3, 9, 30)  # noqa: DTZ001  (a wall hour)


@pytest.mark.parametrize(
    ("written", "code"),
    [("3 dic.", "date_without_year"), ("3/12", "date_without_year"), ("31/2/2026", "date_unknown"),
     ("12/17/2026", "date_unknown"), ("3 brumaio 2026", "date_unknown"), ("presto", "date_unknown")],
)  # fmt: skip
def test_a_year_is_never_guessed(written: str, code: str) -> None:
    assert [refused.code for refused in unreadable(written, "09:30")] == [code]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_plan_is_read_however_a_spreadsheet_saved_it(encoding: str) -> None:
    text = "Giorno;Orario;Titolo;Copy;Canale\r\n3/12/2026;9.30;Perché;Costa 12 €;Uno\r\n;;;;\r\n"
    raw = take_apart(text.encode(encoding))
    assert [row.cells["text"] for row in raw.rows] == ["Costa 12 €"]
    assert not raw.problems
    assert raw.is_windows == (encoding == "cp1252")
