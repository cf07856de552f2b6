"""How long a text is, as Mastodon counts it."""

import re
import unicodedata

URL_LENGTH = 23
URL = re.compile(r"https?://[^\s<>\"'«»“”]+[^\s<>\"'«»“”.,;:!?)\]}’…]", re.IGNORECASE)
MENTION = re.compile(r"(?<![\w/@.])@([a-zA-Z0-9_]+(?:[.-]+[a-zA-Z0-9_]+)*)(?:@([\w-]+(?:\.[\w-]+)+))?")
HASHTAG = re.compile(r"(?<![\w/&#])#(\w*[^\W\d]\w*)")

_JOINER = "\u200d"


def length(*, text: str, spoiler_text: str = "") -> int:
    """Grapheme clusters of warning and text; an address counts 23, a domain behind a name nothing."""
    shortened = URL.sub("x" * URL_LENGTH, text)
    shortened = MENTION.sub(lambda found: "@" + found[1], shortened)
    return graphemes(spoiler_text) + graphemes(shortened)


def graphemes(text: str) -> int:
    """What a person would call letters and signs (Unicode's extended clusters, the common rules)."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    count = 0
    flags = 0
    before = ""
    for sign in text:
        flags = flags + 1 if _is_flag_half(sign) else 0
        if not before or not _joins(before, sign, flags):
            count += 1
        before = sign
    return count


def _joins(before: str, sign: str, flags: int) -> bool:
    if before in "\r\n" or sign in "\r\n":
        return before == "\r" and sign == "\n"
    if before == _JOINER:
        return _is_pictograph(sign)
    if flags and flags % 2 == 0:
        return True
    return _extends(sign) or _hangul_joins(before, sign)


def _extends(sign: str) -> bool:
    """Accents, joiners, variation selectors, skin tones, the tags of regional flags, vowel signs."""
    if sign in {_JOINER, "\u200c"} or 0x1F3FB <= ord(sign) <= 0x1F3FF or 0xE0020 <= ord(sign) <= 0xE007F:
        return True
    return unicodedata.category(sign) in {"Mn", "Me", "Mc"}


def _is_flag_half(sign: str) -> bool:
    return 0x1F1E6 <= ord(sign) <= 0x1F1FF


def _is_pictograph(sign: str) -> bool:
    return unicodedata.category(sign) == "So" or 0x1F000 <= ord(sign) <= 0x1FAFF


def _hangul_joins(before: str, sign: str) -> bool:
    if not 0x1100 <= ord(before) <= 0xD7FF:
        return False
    kind_before, kind = _hangul(before), _hangul(sign)
    return kind in {"L": {"V", "LV", "L", "LVT"}, "V": {"V", "T"}, "LV": {"V", "T"}, "T": {"T"}, "LVT": {"T"}}.get(
        kind_before, set()
    )


def _hangul(sign: str) -> str:
    code = ord(sign)
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    for first, last, kind in ((0x1100, 0x115F, "L"), (0x1160, 0x11A7, "V"), (0x11A8, 0x11FF, "T")):
        if first <= code <= last:
            return kind
    return ""
