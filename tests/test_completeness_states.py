"""Every state that a row can have is shown: with a word, a sign and a colour, in both languages."""

import re
from itertools import product
from pathlib import Path

import pytest
from django.utils import translation

from calendar_app.models import ApprovalState, PostStage
from calendar_app.shown import DELIVERY_RANKS, STATES, state_name
from publisher.models import PublicationState

ROOT = Path(__file__).resolve().parent.parent


def test_every_way_a_post_can_stand_has_a_shown_state() -> None:
    decisions = [None, *(f"{who}:{state}" for who, state in product(("internal", "client"), ApprovalState.values))]
    ways = product(PostStage.values, decisions, [None, *DELIVERY_RANKS.values()], (False, True))
    for stage, decision, delivery, is_stopped in ways:
        assert state_name(stage=stage, decision=decision, delivery=delivery, is_stopped=is_stopped) in STATES


def test_every_state_of_a_publication_counts_for_what_is_shown() -> None:
    assert set(DELIVERY_RANKS) == set(PublicationState.values) - {PublicationState.CANCELED.value}


@pytest.mark.parametrize("name", STATES)
def test_a_shown_state_has_its_sign_and_its_colour(name: str) -> None:
    state = STATES[name]
    assert f'id="i-{state.sign}"' in (ROOT / "templates" / "icons.html").read_text(encoding="utf-8")
    assert any(
        re.search(rf"\.{re.escape(state.css)}\b", path.read_text(encoding="utf-8"))
        for path in (ROOT / "static" / "css").glob("*.css")
    )


@pytest.mark.parametrize("name", STATES)
def test_the_glossary_has_the_words_that_are_shown(name: str) -> None:
    glossary = (ROOT / "docs" / "glossario.md").read_text(encoding="utf-8")
    with translation.override("en"):
        english = str(STATES[name].word)
    with translation.override("it"):
        italian = str(STATES[name].word)
    assert english != italian
    assert re.search(rf"^\| {re.escape(english)} \| {re.escape(italian)}\b", glossary, re.MULTILINE), (english, italian)
