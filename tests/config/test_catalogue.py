"""Compiling translations without the gettext programs."""

import gettext
import io
from pathlib import Path

import pytest

from config import catalogue

PO = '''
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

#: somewhere
msgid "Approve"
msgstr "Approva"

msgctxt "verb"
msgid "Post"
msgstr "Pubblica"

#, python-format
msgid "%(count)s post"
msgid_plural "%(count)s posts"
msgstr[0] "%(count)s post solo"
msgstr[1] ""
"%(count)s post "
"insieme"

#, fuzzy
msgid "Refuse"
msgstr "Rifiuta?"

#~ msgid "Gone"
#~ msgstr "Andato"
'''


def words(tmp_path: Path, text: str) -> gettext.GNUTranslations:
    path = tmp_path / "django.po"
    path.write_text(text, encoding="utf-8")
    return gettext.GNUTranslations(io.BytesIO(catalogue.compiled(catalogue.read(path))))


def test_the_standard_reader_understands_what_we_compile(tmp_path: Path) -> None:
    read = words(tmp_path, PO)
    assert read.gettext("Approve") == "Approva"
    assert read.pgettext("verb", "Post") == "Pubblica"
    assert read.ngettext("%(count)s post", "%(count)s posts", 1) == "%(count)s post solo"
    assert read.ngettext("%(count)s post", "%(count)s posts", 3) == "%(count)s post insieme"


def test_a_doubtful_or_dropped_text_is_not_used(tmp_path: Path) -> None:
    read = words(tmp_path, PO)
    assert read.gettext("Refuse") == "Refuse"
    assert read.gettext("Gone") == "Gone"


def test_two_texts_without_an_empty_line_between_are_named_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(catalogue.CatalogueError, match=r"django\.po:2: msgid stands twice"):
        words(tmp_path, '\nmsgid "a"\nmsgstr "b"\nmsgid "c"\nmsgstr "d"\n')


def test_compiling_twice_writes_once(tmp_path: Path) -> None:
    folder = tmp_path / "it" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO, encoding="utf-8")
    assert catalogue.compile_all(tmp_path) == 1
    assert catalogue.compile_all(tmp_path) == 0
