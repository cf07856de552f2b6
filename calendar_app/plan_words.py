"""Every problem of an imported plan as a sentence, with its line and column, in the reader’s language."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calendar_app.plan_file import RowProblem
from publisher.files import why_refused
from publisher.images import PictureRefused
from publisher.sentences import sentence

SENTENCES: dict[str, "Promise | str"] = {
    "file_too_large": _("The file is larger than %(limit)s MB. Split it."),
    "file_not_text": _("This file is not a table we can read. Save it from the spreadsheet as “CSV UTF-8” and try again."),
    "file_spreadsheet": _(
        "This is an Excel or similar file. Open it there, choose “Save as”, then “CSV UTF-8”, and choose that file here."
    ),
    "head_missing": _(
        "The first line does not name the columns. Put their names on top, or copy your rows into the empty plan."
    ),
    "columns_too_many": _("The file has more than %(limit)s columns. Is it the right one?"),
    "values_too_many": _("This cell has more than %(limit)s names."),
    "file_empty": _("The file has no rows."),
    "file_too_many_rows": _("The file has more than %(limit)s rows. Split it."),
    "file_broken": _("The row cannot be read: a quotation mark is opened and not closed, or a character is not allowed."),
    "column_missing": _("The column “%(name)s” is missing."),
    "column_unknown": _("We do not know this column. The columns are: %(names)s."),
    "column_twice": _("This column appears twice."),
    "cells_too_many": _(
        "The row has more cells than there are columns. Put quotation marks around a text that contains commas."
    ),
    "title_missing": _("The title is missing."),
    "cell_too_long": _("%(over)s characters too many: at most %(limit)s fit."),
    "kind_unknown": _("“%(given)s” is not a kind. Write informational, argumentative or promotional."),
    "link_unknown": _("“%(given)s” is not a web address. Write it with https:// in front."),
    "date_unknown": _("“%(given)s” is not a day. Write it as 2026-12-17 or 17/12/2026."),
    "date_without_year": _("“%(given)s” has no year. Write it as 2026-12-17 or 17/12/2026."),
    "hour_unknown": _("“%(given)s” is not a time. Write it as 09:30."),
    "hour_missing": _("This time does not exist on that day in %(zone)s: the clocks go forward. Choose another one."),
    "hour_twice": _("This time comes twice on that day: the clocks go back. Write which one you mean: %(examples)s."),
    "hour_offset": _("At that time the brand’s zone is not at %(given)s. Write %(examples)s."),
    "hour_past": _("This time has passed. Choose one that is still to come."),
    "channels_missing": _("No channel is named."),
    "channel_unknown": _("The brand has no channel “%(given)s”. It has: %(names)s."),
    "channel_ambiguous": _("“%(given)s” could be several channels. Write one of these names: %(names)s."),
    "alt_too_many": _("There are more descriptions (%(alts)s) than pictures (%(media)s)."),
    "media_unknown": _("The picture “%(given)s” is neither among the files given nor in the library."),
    "media_missing": _("The folder or zip with the pictures is not there."),
    "media_not_zip": _("The file with the pictures is not a zip that can be read."),
    "media_broken": _("The zip with the pictures is damaged or locked with a password."),
    "media_too_many": _("The zip with the pictures has too many files. Split it."),
    "media_twice": _("Two pictures are called “%(given)s”: the first one was taken. Give them different names."),
    "media_too_large": _("The pictures in the zip are too large altogether. Split it."),
    "row_twice": _("The same row is already on line %(first)s."),
    "row_differs": _("“%(given)s” was imported before with other content. Import it as an update to change it."),
    "row_archived": _("“%(given)s” was imported before and has been cancelled since. Give the row another id or time."),
    "row_out": _("“%(given)s” is already out and cannot be changed."),
}


def words_of(problem: RowProblem) -> str:
    """Return what is wrong, without the place."""
    values: dict[str, Any] = problem.values
    if problem.code == "platform":
        return f"{values['channel']}: {sentence(values['platform_code'], values['platform_values'])}"
    if problem.code == "picture_refused":
        return f"{values['given']}: {why_refused(PictureRefused(values['refusal'], **values))}"
    return str(SENTENCES[problem.code]) % values


def line_of(problem: RowProblem) -> str:
    """Return what is wrong with line and column."""
    if problem.column:
        place = gettext("Line %(line)s, column “%(column)s”") % {"line": problem.line, "column": problem.column}
    else:
        place = gettext("Line %(line)s") % {"line": problem.line}
    return f"{place}: {words_of(problem)}"
