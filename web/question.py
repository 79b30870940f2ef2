"""A question to the lake: one SQL text with its binds, and the key that single flight goes by."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from web.engine import Value


@dataclass(frozen=True)
class Question:
    """What an engine is asked. Two questions are the same if text and binds are."""

    sql: str
    binds: tuple[Value, ...] = ()

    @cached_property
    def key(self) -> str:
        """64 hex digits: SHA-256 over the text and the typed binds."""
        # the type belongs to it: the text '1' and the number 1 are two binds
        binds = [[type(bind).__name__, str(bind)] for bind in self.binds]
        return hashlib.sha256(json.dumps([self.sql, binds]).encode()).hexdigest()
