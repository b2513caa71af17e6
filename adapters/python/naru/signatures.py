"""ECDSA P-256 signatures in a context, and the keys that count at a time."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from naru.errors import SettingsError
from naru.v1 import common_pb2

ALGORITHM = "ES256"


@dataclass(frozen=True)
class _Key:
    key: ec.EllipticCurvePublicKey
    valid_from: datetime.datetime | None
    valid_until: datetime.datetime | None


@dataclass
class KeyRing:
    """Public keys by owner (an agency code, or RECEIPTS) and key id, each with the time it counts."""

    RECEIPTS = "receipt"

    _keys: dict[tuple[str, str], _Key] = field(default_factory=dict)

    def add(self, owner: str, key_id: str, pem: str, valid_from: str = "", valid_until: str = "") -> None:
        """Times are RFC 3339, empty for open. SettingsError when it is no P-256 key or the id is taken."""
        try:
            key = load_pem_public_key(pem.encode())
        except (ValueError, TypeError) as error:
            raise SettingsError(f"key {key_id!r} of {owner}: not a PEM public key") from error
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise SettingsError(f"key {key_id!r} of {owner}: not ECDSA P-256")
        if not key_id or any(taken == key_id for _, taken in self._keys):
            raise SettingsError(f"key {key_id!r} of {owner}: the id is empty or used twice")
        self._keys[owner, key_id] = _Key(key, _time(valid_from), _time(valid_until))

    def verify(
        self,
        context: str,
        signed: bytes,
        signature: common_pb2.Signature,
        owner: str,
        now: datetime.datetime,
    ) -> bool:
        """Whether a key of this owner that counts now signed `context || "\\n" || signed`."""
        found = self._keys.get((owner, signature.key_id))
        if found is None or signature.algorithm != ALGORITHM:
            return False
        if found.valid_from is not None and now < found.valid_from:
            return False
        if found.valid_until is not None and now >= found.valid_until:
            return False
        try:
            found.key.verify(
                signature.signature, context.encode() + b"\n" + signed, ec.ECDSA(hashes.SHA256())
            )
        except InvalidSignature:
            return False
        return True


def _time(text: str) -> datetime.datetime | None:
    if not text:
        return None
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"{text!r} is not an RFC 3339 time") from error
    if time.tzinfo is None:
        raise SettingsError(f"{text!r} has no time zone")
    return time
