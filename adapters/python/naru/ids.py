"""Request ids and the text form of ids."""

import os
import re
import time
import uuid

_ID = re.compile(r"[0-9a-f]{32}")


def new_request_id() -> str:
    """A UUIDv7 (RFC 9562 section 5.7) of now, as every changing call takes one (P7)."""
    milliseconds = time.time_ns() // 1_000_000
    value = bytearray(milliseconds.to_bytes(6, "big") + os.urandom(10))
    value[6] = 0x70 | value[6] & 0x0F
    value[8] = 0x80 | value[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(value)))


def is_id(text: str) -> bool:
    """Whether this can be a consent, fetch or release id: 32 lower-case hexadecimal characters."""
    return _ID.fullmatch(text) is not None
