"""Words of sealed fields, and what stands for them in the projection. Pure.

Whoever has the database alone sees which entries about one person share words, never which words, and nothing across
persons: each has a key of their own. Where the data key is destroyed, nobody can make what stands for any word.
"""

import hashlib
import hmac
import re
import unicodedata
from typing import Final

# A field's words beyond these are not found; nor is more of a word than this.
MOST_WORDS: Final = 512
MOST_CHARS: Final = 64
_BLIND_BYTES: Final = 16
_WORD: Final = re.compile(r"\w+")


def words(text: str) -> frozenset[str]:
    """The words of a text, each in one spelling: compatibility forms and case do not count."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    found: dict[str, None] = {}
    for word in _WORD.finditer(folded):
        found.setdefault(word[0][:MOST_CHARS])
        if len(found) == MOST_WORDS:
            break
    return frozenset(found)


def key_of(data_key: bytes) -> bytes:
    """The key that blinds the words of the person whose data key it is."""
    return hmac.digest(data_key, b"bailiwick lookup words v1", hashlib.sha256)


def blinded(word: str, key: bytes) -> bytes:
    """What stands for a word under that key."""
    return hmac.digest(key, word.encode(), hashlib.sha256)[:_BLIND_BYTES]
