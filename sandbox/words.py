"""What the page says, in Italian and in English."""

from datetime import UTC, datetime, tzinfo

LANGUAGES = {"it": "Italiano", "en": "English"}

WORDS = {
    "it": {
        "name": "Piazza di prova",
        "skip": "Vai al contenuto",
        "notice": "Questa è una piazza di prova: persone e post sono inventati, e niente esce da qui.",
        "languages": "Lingua",
        "read_as": "Leggi come",
        "change": "Cambia",
        "home_title": "Gli ultimi post",
        "home_empty": "Ancora nessun post. Quando ne esce uno, compare qui: ricarica la pagina.",
        "posts_of": "I post di {name}",
        "tagged": "Post con #{tag}",
        "older": "Post precedenti",
        "newest": "Torna agli ultimi",
        "post_of": "Post di {name}",
        "thread": "Commenti",
        "no_comments": "Nessun commento. Il primo puoi scriverlo tu.",
        "comments": "Commenti: {count}",
        "comment_of": "Commento di {name}",
        "write": "Scrivi un commento",
        "write_as": "Il tuo commento, come {name}",
        "answer_to": "La tua risposta a {name}, come {me}",
        "private": "In privato: lo legge solo {name}",
        "send": "Commenta",
        "reply": "Rispondi",
        "reply_to": "Rispondi a {name}",
        "like": "Mi piace",
        "liked": "Ti piace",
        "delete": "Elimina",
        "delete_own": "Elimina il tuo commento",
        "alt": "Testo alternativo",
        "no_alt": "Immagine senza descrizione",
        "warning": "Contenuto sensibile",
        "edited": "modificato",
        "only_named": "solo per chi è citato",
        "unlisted": "non in elenco",
        "through": "da {app}",
        "missing_title": "Questa pagina non c’è",
        "missing": "Il post può essere stato eliminato, oppure l’indirizzo non è intero.",
        "back": "Torna agli ultimi post",
        "refused_title": "Richiesta non accettata",
        "refused": "La richiesta non veniva da questa pagina, quindi non è stato fatto niente. Torna indietro e riprova da lì.",
        "empty_text": "Il commento è vuoto. Scrivi qualcosa, poi invialo.",
        "too_long": "Il commento supera {most} caratteri: {over} di troppo. Il testo è ancora qui sotto.",
        "not_sent": "Il commento non è stato inviato. Il testo è ancora qui sotto.",
        "today": "oggi, {time}",
        "yesterday": "ieri, {time}",
        "day": "{day} {month}, {time}",
        "months": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    },
    "en": {
        "name": "Practice square",
        "skip": "Skip to content",
        "notice": "This is a sandbox for trying: people and posts are made up, and nothing leaves it.",
        "languages": "Language",
        "read_as": "Read as",
        "change": "Change",
        "home_title": "Latest posts",
        "home_empty": "No posts yet. When one goes out it appears here: reload the page.",
        "posts_of": "Posts by {name}",
        "tagged": "Posts with #{tag}",
        "older": "Older posts",
        "newest": "Back to the latest",
        "post_of": "Post by {name}",
        "thread": "Comments",
        "no_comments": "No comments. You can write the first.",
        "comments": "Comments: {count}",
        "comment_of": "Comment by {name}",
        "write": "Write a comment",
        "write_as": "Your comment, as {name}",
        "answer_to": "Your answer to {name}, as {me}",
        "private": "In private: only {name} reads it",
        "send": "Comment",
        "reply": "Reply",
        "reply_to": "Reply to {name}",
        "like": "Like",
        "liked": "Liked",
        "delete": "Delete",
        "delete_own": "Delete your comment",
        "alt": "Alternative text",
        "no_alt": "Picture without a description",
        "warning": "Sensitive content",
        "edited": "edited",
        "only_named": "only for who is named",
        "unlisted": "unlisted",
        "through": "by {app}",
        "missing_title": "This page does not exist",
        "missing": "The post may have been deleted, or the address is not complete.",
        "back": "Back to the latest posts",
        "refused_title": "Request not accepted",
        "refused": "The request did not come from this page, so nothing was done. Go back and try again from there.",
        "empty_text": "The comment is empty. Write something, then send it.",
        "too_long": "The comment is over {most} characters: {over} too many. Your text is still below.",
        "not_sent": "The comment was not sent. Your text is still below.",
        "today": "today, {time}",
        "yesterday": "yesterday, {time}",
        "day": "{day} {month}, {time}",
        "months": "January February March April May June July August September October November December",
    },
}


def say(language: str, word: str, /, **values: str) -> str:
    return WORDS[language][word].format(**values)


def moment(language: str, at: float, *, zone: tzinfo, now: float) -> str:
    """The day as people say it, the hour to the second."""
    when, today = (datetime.fromtimestamp(one, tz=UTC).astimezone(zone) for one in (at, now))
    days = (today.date() - when.date()).days
    name = {0: "today", 1: "yesterday"}.get(days, "day")
    month = WORDS[language]["months"].split()[when.month - 1]
    return say(language, name, day=str(when.day), month=month, time=f"{when:%H:%M:%S}")


def chosen_language(*, wished: str, kept: str, accepted: str, default: str) -> str:
    """From the address, else the cookie, else what the browser prefers, else the sandbox's own."""
    for one in (wished, kept, *_by_preference(accepted)):
        if one in WORDS:
            return one
    return default


def _by_preference(accepted: str) -> list[str]:
    weighed = []
    for part in accepted.split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((float(weight or 1), tag.partition("-")[0].lower()))
        except ValueError:
            continue
    return [tag for _, tag in sorted(weighed, key=lambda one: -one[0])]
