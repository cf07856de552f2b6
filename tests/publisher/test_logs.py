"""Log lines say which publication they are about, and hold nothing that opens a door."""

import contextvars
import json
import logging
import queue

import pytest

from config import canary
from publisher import tasks
from publisher.clock.sending import Crew
from publisher.logs import LineFormatter, TextFormatter, about, without_secrets

SECRET = "zKQ0w5Lr2-canary_8Xy7"


def record(words: str, *values: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("publisher", logging.WARNING, __file__, 1, words, values, None)
    made.__dict__.update(extra)
    return made


@pytest.mark.parametrize(
    "words",
    [
        "Authorization: Bearer {}",
        "{{'Authorization': 'Bearer {}'}}",
        'sent {{"access_token": "{}", "scope": "write"}}',
        "POST /oauth/token?client_secret={}&x=1",
        "refresh_token={}",
        "password: {}",
        "DPoP {}",
        "api_key={}",
        "accessJwt='{}'",
        "cannot reach postgresql://palinsesto:{}@db/palinsesto",
        "redis://:{}@127.0.0.1:6379/0",
        "GET /feed/{}.ics",
    ],
)
@pytest.mark.parametrize("formatter", [LineFormatter(), TextFormatter()], ids=["json", "text"])
def test_what_opens_a_door_is_left_out_in_words_and_traces(formatter: logging.Formatter, words: str) -> None:
    said = words.format(SECRET)
    trace = (RuntimeError, RuntimeError(said), None)
    line = formatter.format(record("%s", said, exc_info=trace))
    assert SECRET not in line
    assert "RuntimeError" in line


@pytest.mark.parametrize(
    "words", ["publication 12 published in 80 ms", "the token was refused", "a password is too short", "bearer of news"]
)
def test_plain_words_stay(words: str) -> None:
    assert without_secrets(words) == words


def test_ids_around_the_work_stand_in_every_line_and_those_given_count_more() -> None:
    with about(publication=7, attempt=2):
        with about(platform="mastodon"):
            inner = json.loads(LineFormatter().format(record("x")))
            told = json.loads(LineFormatter().format(record("x", publication=8)))
        outer = json.loads(LineFormatter().format(record("x")))
    after = json.loads(LineFormatter().format(record("x")))
    assert (inner["publication"], inner["attempt"], inner["platform"]) == (7, 2, "mastodon")
    assert told["publication"] == 8
    assert "platform" not in outer
    assert "publication" not in after


def test_a_task_names_itself_and_its_rows() -> None:
    def run() -> dict[str, object]:
        canary.name_the_work(func=tasks.preflight, task={"func": "publisher.tasks.preflight", "args": (12,)})
        return dict(json.loads(LineFormatter().format(record("x"))))

    line = contextvars.copy_context().run(run)
    assert (line["task"], line["publication"]) == ("publisher.tasks.preflight", 12)


def test_text_is_one_line_whatever_came_from_outside() -> None:
    line = TextFormatter().format(record("said: %s", "a\n00:00:00 error publisher: forged", publication=3))
    assert "\n" not in line
    assert line.endswith("publication=3")


def test_json_is_one_object_a_line() -> None:
    line = LineFormatter().format(record("said: %s", "a\nb\u2028c"))
    assert "\n" not in line
    assert json.loads(line)["says"] == "said: a\nb\u2028c"


def test_threads_do_not_hear_of_each_other() -> None:
    results: queue.SimpleQueue[object] = queue.SimpleQueue()
    crew = Crew("x", 2, results)

    def say(number: int) -> str:
        with about(publication=number):
            return LineFormatter().format(record("x"))

    for number in range(20):
        crew.put(lambda number=number: say(number))  # type: ignore[misc]  # bound now
    said = sorted(json.loads(str(results.get(timeout=5)))["publication"] for _ in range(20))
    crew.end()
    assert said == list(range(20))
