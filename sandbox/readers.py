"""Made-up readers who comment a little after a post goes out, so that there is something to answer."""

import asyncio
import random
from dataclasses import dataclass, field

from sandbox import publishing
from sandbox.publishing import Draft, RefusedError
from sandbox.records import Account, Json, Status
from sandbox.world import World

PER_POST = 2
PER_RUN = 60

SCRIPTS: dict[str, dict[str, list[str]]] = {
    "it": {
        "questions": [
            "Fate visite anche la domenica? Saremmo in quattro, con un cane tranquillo.",
            "Si trova anche nelle enoteche di Bologna, o solo da voi?",
            "Quanto può riposare prima di aprirla? Ne ho una del 2019 e non so se aspettare.",
            "È adatto anche a chi è vegano? Sull’etichetta non lo trovo.",
            "Spedite anche in Germania? Vorrei farne un regalo.",
        ],
        "praise": [
            "Assaggiato sabato a casa di amici: finito in un’ora.",
            "Che bella luce in questa foto. Viene voglia di partire.",
            "Si vede quanto lavoro c’è dietro. Complimenti a chi sta in vigna con questo freddo.",
            "Ci siamo stati a ottobre e torniamo di sicuro: accoglienza splendida.",
        ],
        "angry": [
            "Pacco arrivato stamattina: due bottiglie rotte su sei e il cartone fradicio. "
            "Ho scritto due volte all’assistenza e non risponde nessuno. Così non va.",
        ],
        "thanks": [
            "Grazie della risposta, ora è tutto chiaro.",
            "Gentilissimi, grazie. Allora vi scrivo per i dettagli.",
        ],
        "calmed": ["Va bene, grazie per avermi risposto. Vi mando le foto del pacco in privato."],
    },
    "en": {
        "questions": [
            "Do you take visitors on Sundays too? There would be four of us, and a quiet dog.",
            "Is it in shops as well, or only at your place?",
            "How long can it rest before opening? I have one from 2019.",
            "Is it fine for vegans? I cannot find it on the label.",
        ],
        "praise": [
            "We had it at a friend’s on Saturday: gone within the hour.",
            "What lovely light in this picture.",
            "You can see how much work goes into it.",
        ],
        "angry": [
            "Parcel arrived this morning: two bottles out of six broken and the box soaked. "
            "I wrote to support twice and nobody answers. Not good enough.",
        ],
        "thanks": ["Thank you for the answer, all clear now.", "Very kind, thank you. I will write for the details."],
        "calmed": ["All right, thank you for answering. I will send the pictures of the parcel in private."],
    },
}


@dataclass(slots=True, kw_only=True)
class Readers:
    """Listens to what is posted; every line is said at most once per post and person."""

    world: World
    shortest_s: float = 15
    longest_s: float = 40
    own_lines: Json = field(default_factory=dict)
    written: int = 0
    angered: set[int] = field(default_factory=set)
    dice: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - a script, no secret

    def heard(self, status: Status) -> None:
        """A brand's post gets comments, a brand's answer to a reader one thank-you."""
        author = self.world.store.accounts[status.account_id]
        if author.is_person or status.visibility not in {"public", "unlisted"}:
            return
        if status.in_reply_to is None:
            self._plan_comments(status, author)
        else:
            self._plan_thanks(status)

    def _plan_comments(self, status: Status, author: Account) -> None:
        people = [account for account in self.world.store.accounts.values() if account.is_person]
        kinds = ["questions", "praise"]
        if not self._was_angry_at(author):
            kinds[1] = "angry"
            self.angered.add(author.id)
        chosen = self.dice.sample(people, k=min(PER_POST, len(people)))
        for kind, person in zip(kinds, chosen, strict=False):
            self._later(person, status, kind)

    def _was_angry_at(self, author: Account) -> bool:
        """Once per account is enough, over all starts."""
        return author.id in self.angered or any(
            one.hand == "reader:angry" and author.id in one.mentions for one in self.world.store.statuses.values()
        )

    def _plan_thanks(self, status: Status) -> None:
        """Only under a reader's own comment, and only once in a thread: nobody goes on for ever."""
        store = self.world.store
        above = store.statuses.get(status.in_reply_to or 0)
        if above is None or above.hand not in {"reader:questions", "reader:praise", "reader:angry"}:
            return
        root = (store.ancestors(above, viewer=None) or [above])[0]
        said = (one.hand for _, one in store.descendants(root, viewer=None) if one.account_id == above.account_id)
        if not any(hand in {"reader:thanks", "reader:calmed"} for hand in said):
            kind = "calmed" if above.hand == "reader:angry" else "thanks"
            self._later(store.accounts[above.account_id], status, kind)

    def _later(self, person: Account, status: Status, kind: str) -> None:
        if self.written >= PER_RUN:
            return
        self.written += 1
        wait = self.dice.uniform(self.shortest_s, self.longest_s)
        asyncio.get_running_loop().call_later(wait, self._write, person, status, kind)

    def _write(self, person: Account, status: Status, kind: str) -> None:
        store = self.world.store
        if status.is_gone or person.id not in store.accounts or status.id not in store.statuses:
            return
        author = store.accounts[status.account_id]
        draft = Draft(
            text=f"@{author.acct} {self._line(kind, status)}",
            in_reply_to=status.id,
            visibility=status.visibility,
            language=self.world.language,
            hand=f"reader:{kind}",
        )
        try:
            publishing.publish(store, by=person, draft=draft)
        except RefusedError:
            return
        if kind == "praise":
            publishing.favourite(store, by=person, status=status)

    def _line(self, kind: str, status: Status) -> str:
        """A line that this account has not been told yet, while there is one."""
        lines = [str(line) for line in self.own_lines.get(kind, [])] or SCRIPTS[self.world.language][kind]
        told = [one.text for one in self.world.store.statuses.values() if status.account_id in one.mentions]
        fresh = [line for line in lines if not any(text.endswith(line) for text in told)]
        return self.dice.choice(fresh or lines)
