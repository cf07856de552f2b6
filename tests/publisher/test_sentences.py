"""Every code that the publisher may return has a sentence, in both languages' manner."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from publisher.contract.errors import AdapterError
from publisher.sentences import COUNTED, SENTENCES, UNNAMED, sentence

HOUSE = Path(__file__).resolve().parents[2]
CARRIERS = {"Rejected", "SignIn", "Unavailable", "OutcomeUnknown", "Problem"}
NAMES = {"code", "problem_code", "gone"}
TABLES = {"SIGN_IN", "REFUSED"}
CODE = re.compile(r"[a-z]+(_[a-z]+)*")


def constants(node: ast.AST, named: dict[str, str]) -> Iterator[str]:
    """Yield the texts that an expression may become."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.Name) and node.id in named:
        yield named[node.id]
    elif isinstance(node, ast.IfExp):
        yield from constants(node.body, named)
        yield from constants(node.orelse, named)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from constants(value, named)


def named_in(tree: ast.Module) -> dict[str, str]:
    """Return a module's constants that are texts."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def called_with(node: ast.Call, named: dict[str, str]) -> Iterator[str]:
    """Yield the codes that a call is given."""
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in CARRIERS and node.args:
        yield from constants(node.args[0], named)
    yield from (code for word in node.keywords if word.arg in NAMES for code in constants(word.value, named))


def held_by(node: ast.Assign | ast.Dict, named: dict[str, str]) -> Iterator[str]:
    """Yield the codes in a table, or beside a key that says so."""
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        values = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value in NAMES]
    else:
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        values = node.value.values if names & TABLES and isinstance(node.value, ast.Dict) else []
        values += [node.value] if names & NAMES else []
    yield from (code for value in values for code in constants(value, named))


def said_by(node: ast.FunctionDef) -> Iterator[ast.expr]:
    """Yield what a function takes when nothing is said, and what one that names problems returns."""
    pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    yield from (default for argument, default in pairs if argument.arg in NAMES and default is not None)
    if node.name.endswith("_problem"):
        yield from (one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value)


def codes_in(path: Path) -> Iterator[str]:
    """Yield the codes that a module speaks of."""
    tree = ast.parse(path.read_text("utf-8"))
    named = named_in(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from called_with(node, named)
        elif isinstance(node, ast.Dict | ast.Assign):
            yield from held_by(node, named)
        elif isinstance(node, ast.FunctionDef):
            yield from (code for value in said_by(node) for code in constants(value, named))


def test_every_code_in_the_source_has_a_sentence() -> None:
    found = {
        code: str(path.relative_to(HOUSE))
        for path in sorted((HOUSE / "publisher").rglob("*.py"))
        if "migrations" not in path.parts
        for code in codes_in(path)
        if CODE.fullmatch(code)
    }
    assert len(found) > 40
    assert {code: where for code, where in found.items() if code not in SENTENCES} == {}
    assert set(SENTENCES) - set(found) == set(), "a sentence that nobody says"


@pytest.mark.parametrize("code", sorted(SENTENCES))
@pytest.mark.parametrize("language", ["en", "it"])
def test_a_sentence_is_whole_and_calm(code: str, language: str) -> None:
    with translation.override(language):
        told = sentence(code, {})
    assert told[0].isupper() or told[0] == "È"
    assert told.endswith(".")
    assert "!" not in told
    assert "'" not in told
    assert not re.search(r"\b(token|payload|webhook|ops|errato)\b", told, re.IGNORECASE)


@pytest.mark.parametrize("code", sorted(COUNTED))
def test_a_number_stands_with_what_is_too_much(code: str) -> None:
    with translation.override("en"):
        assert "12 " in sentence(code, {"over": 12, "limit": 500})
        assert "500" in sentence(code, {"over": 1, "limit": 500})


def test_a_code_without_words_still_gets_a_sentence() -> None:
    with translation.override("en"):
        assert sentence("never_heard_of", {}) == str(UNNAMED)


def test_what_a_stranger_wrote_is_in_no_sentence() -> None:
    assert "<b>" not in sentence("visibility_unknown", {"visibility": "<b>"})
    assert str(AdapterError("refused", note="<b>")) == "refused"
