"""What binds an answer to the one it is about and to the requester's call (P3): broker/proof/binding.h."""

import hashlib
import hmac

from naru.v1 import common_pb2

NUMBER_BYTES_MAX = 0xFFFF


def subject_bytes(subject_type: int, number: str) -> bytes:
    """The bytes that stand for a subject: type, length of the number (two bytes, big-endian), number."""
    encoded = number.encode()
    known = subject_type in common_pb2.SubjectType.values()
    if not known or len(encoded) > NUMBER_BYTES_MAX:
        subject_type, encoded = common_pb2.SUBJECT_TYPE_UNSPECIFIED, b""
    return bytes([subject_type]) + len(encoded).to_bytes(2, "big") + encoded


def subject_binding(nonce: bytes, subject: common_pb2.Subject) -> bytes:
    """HMAC-SHA256(nonce, subject_bytes), 32 bytes."""
    return hmac.digest(nonce, subject_bytes(subject.type, subject.number), hashlib.sha256)
