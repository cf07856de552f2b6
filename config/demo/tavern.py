"""A few posts of Trattoria del Porto, so that there is a second brand behind its own wall."""

from config.demo.copy import DEBATE, INFO, OFFER, Copy, Fate

PORTO = ("trattoriadelporto",)

POSTS: tuple[Copy, ...] = (
    Copy(-3, "11:00", INFO, "Il pesce di oggi lo decide il mare",
         "Stamattina sgombri e seppie. La lavagna si scrive alle dieci, quando rientra la barca di Nello.", "pesce", PORTO, Fate.OUT),
    Copy(1, "11:00", INFO, "La lavagna",
         "Brodetto, spaghetti alle vongole, fritto leggero. Finché ce n’è.", "pesce", PORTO, Fate.SCHEDULED),
    Copy(3, "17:30", OFFER, "Il giovedì si cena presto",
         "Dalle 18.30 alle 19.30 il menù del pescatore a 22 €: antipasto, primo, un bicchiere.", "porto", PORTO, Fate.SCHEDULED, weekday=3),
    Copy(5, "10:00", DEBATE, "Il limone sul fritto",
         "C’è chi lo chiede prima ancora di sedersi e chi lo considera un’offesa. Noi lo portiamo a parte. E voi?", "pesce",
         PORTO, Fate.IN_REVIEW),
    Copy(8, "11:00", INFO, "Chi cuce le reti",
         "Al molo tre, il martedì mattina, Ivo ripara le reti e racconta volentieri. Andateci con calma.", "porto", PORTO),
    Copy(12, "17:30", OFFER, "Tavolo lungo, prezzo corto",
         "Da otto persone in su la grigliata costa 25 € a testa, vino della casa compreso. Si prenota il giorno prima.", "porto",
         PORTO),
)
