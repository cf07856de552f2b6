"""A proxy before a real server that throws dice: answers come late, some never, some calls do not reach the server."""

import json
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.real.cutting_proxy import CuttingProxy

WRITES = ("com.atproto.repo.putRecord", "com.atproto.repo.createRecord")
LATE_S = 0.2
ANSWERS_LOST, CALLS_LOST = 0.08, 0.04


@dataclass(slots=True, kw_only=True)
class DicedProxy(CuttingProxy):
    """Carries as the proxy of the tests does, keeps what it carried of posts, and loses by chance what was not wished lost."""

    dice: random.Random
    posts: list[dict[str, Any]] = field(default_factory=list)
    answers_lost: int = 0
    calls_lost: int = 0
    _count: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, wishes: list[str], path: str) -> bool:
        """Cut what was wished, and else what the dice say."""
        is_answer = wishes is self.lose_answers
        is_cut = CuttingProxy.takes(self, wishes, path)
        with self._count:
            is_cut = is_cut or self.dice.random() < (ANSWERS_LOST if is_answer else CALLS_LOST)
            if is_cut and path.rpartition("/")[2] in WRITES:
                self.answers_lost += is_answer
                self.calls_lost += not is_answer
        return is_cut

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> requests.Response:
        """Carry, remember the posts, and bring the answer late. ``is_reached``: no dead server was in the way."""
        post = self._note(json.loads(body)) if path.rpartition("/")[2] in WRITES else {}
        answer = CuttingProxy.forward(self, method, path, headers, body)
        post["is_reached"] = True
        with self._count:
            late_s = LATE_S * (1 + self.dice.random())
        time.sleep(late_s)
        return answer

    def _note(self, wanted: dict[str, Any]) -> dict[str, Any]:
        post = {"text": wanted["record"]["text"], "arrived_at": time.time(), "is_reached": False}
        with self._count:
            self.posts.append(post)
        return post
