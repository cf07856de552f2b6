"""Every text that is shown has a good Italian translation."""

import re
from collections import Counter

import pytest

from config import catalogue
from tests.words import CATALOGUE, shown

PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@pytest.fixture(scope="module")
def entries() -> dict[str, catalogue.Entry]:
    return {entry.key: entry for entry in catalogue.read(CATALOGUE) if entry.msgid}


def test_every_text_is_translated_and_none_is_doubtful(entries: dict[str, catalogue.Entry]) -> None:
    missing = [
        f"{place}: {entry.msgid!r}"
        for key, (entry, place) in shown().items()
        if key not in entries or not entries[key].is_complete
    ]
    assert not missing, "\n".join(missing)


def test_no_translation_is_left_over(entries: dict[str, catalogue.Entry]) -> None:
    assert not sorted(set(entries) - set(shown()))


def test_translations_keep_the_places_for_values(entries: dict[str, catalogue.Entry]) -> None:
    wrong = []
    for entry in entries.values():
        allowed = [Counter(PLACES.findall(text)) for text in (entry.msgid, entry.plural) if text is not None]
        for form, text in entry.translations.items():
            places = Counter(PLACES.findall(text))
            is_one_of_many = entry.plural is not None and form == 0  # “the last one” needs no number
            if places not in allowed and not (is_one_of_many and any(places < wanted for wanted in allowed)):
                wrong.append(text)
    assert not wrong


def test_italian_is_written_as_the_glossary_says(entries: dict[str, catalogue.Entry]) -> None:
    texts = [re.sub(r"<[^>]*>", "", text) for entry in entries.values() for text in entry.translations.values()]
    assert not [text for text in texts if "'" in text], "the curved apostrophe ’"
    assert not [text for text in texts if "!" in text], "no exclamation marks"
    assert not [text for text in texts if "..." in text], "one sign: …"
    assert not [text for text in texts if '"' in text], "« » around words"


def test_both_ends_of_a_text_match(entries: dict[str, catalogue.Entry]) -> None:
    wrong = [
        entry.msgid
        for entry in entries.values()
        for text in entry.translations.values()
        if (entry.msgid[:1].isspace(), entry.msgid[-1:].isspace()) != (text[:1].isspace(), text[-1:].isspace())
    ]
    assert not wrong
