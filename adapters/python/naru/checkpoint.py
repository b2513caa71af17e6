"""Checkpoints (C2SP tlog-checkpoint in a signed note), pinned ledger keys, and the last one seen.

The format of notes and verifier keys is in broker/proof/checkpoint.h.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_der_public_key

from naru import merkle
from naru.errors import CheckFailed, NotKept, SettingsError
from naru.v1 import common_pb2, ledger_entry_pb2

NOTE_BYTES_MAX = 16 * 1024
SIGNATURES_MAX = 16
SALT_BYTES = 16
KEY_ID_BYTES = 4
SIGNATURE_PREFIX = "\u2014 "
ED25519, ECDSA = 1, 2


@dataclass(frozen=True)
class Checkpoint:
    """A tree head."""

    origin: str = ""
    size: int = 0
    root: bytes = b""


def _decode(text: str) -> bytes:
    """Base64 in its one canonical form."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CheckFailed("checkpoint: base64 that is none") from error
    if base64.b64encode(data).decode() != text:
        raise CheckFailed("checkpoint: base64 that is not canonical")
    return data


class VerifierKey:
    """One pinned key: name + "+" + key id as 8 hexadecimal digits + "+" + base64(type || key)."""

    def __init__(self, line: str) -> None:
        parts = line.split("+", 2)  # The base64 may have a "+" of its own.
        if len(parts) != 3 or not parts[0] or not parts[0].isascii() or not parts[0].isprintable():
            raise SettingsError("a verifier key is not name+id+key")
        self.name = parts[0]
        try:
            data = _decode(parts[2])
        except CheckFailed as error:
            raise SettingsError("a verifier key is not base64") from error
        kind, raw = data[:1], data[1:]
        if kind == bytes([ED25519]):
            self.id = hashlib.sha256(self.name.encode() + b"\n" + data).digest()[:KEY_ID_BYTES]
        else:
            self.id = hashlib.sha256(raw).digest()[:KEY_ID_BYTES]
        if parts[1].lower() != self.id.hex():
            raise SettingsError("the id of a verifier key is not the key's")
        self._key = self._load(kind, raw)

    @staticmethod
    def _load(kind: bytes, raw: bytes) -> ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey:
        try:
            if kind == bytes([ED25519]):
                return ed25519.Ed25519PublicKey.from_public_bytes(raw)
            key = load_der_public_key(raw)
        except ValueError as error:
            raise SettingsError("a verifier key cannot be read") from error
        is_p256 = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
        if kind != bytes([ECDSA]) or not is_p256:
            raise SettingsError("a verifier key is neither Ed25519 nor ECDSA P-256")
        return key

    def signed(self, text: bytes, signature: bytes) -> bool:
        try:
            if isinstance(self._key, ed25519.Ed25519PublicKey):
                self._key.verify(signature, text)
            else:
                self._key.verify(signature, text, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


class CheckpointVerifier:
    """Checks notes against pinned keys: every one of them must have signed. Thread-safe."""

    def __init__(self, verifier_keys: Iterable[str]) -> None:
        self._keys = [VerifierKey(line) for line in verifier_keys]
        if not self._keys:
            raise SettingsError("no verifier key")
        self.origin = self._keys[0].name
        if any(key.name != self.origin for key in self._keys):
            raise SettingsError("verifier keys of different names")
        if len({key.id for key in self._keys}) != len(self._keys):
            raise SettingsError("a verifier key is named twice")

    def verify(self, note: str) -> Checkpoint:
        """CheckFailed unless EVERY pinned key signed the note and it is of the keys' origin."""
        if len(note.encode()) > NOTE_BYTES_MAX:
            raise CheckFailed("checkpoint: larger than 16 KiB")
        if any(ord(c) < 0x20 and c != "\n" or ord(c) == 0x7F for c in note):
            raise CheckFailed("checkpoint: a control character")
        text, blank, rest = note.rpartition("\n\n")
        if not blank:
            raise CheckFailed("checkpoint: no blank line before the signatures")
        text += "\n"
        signatures = _signatures(rest)
        for key in self._keys:
            own = [s for name, key_id, s in signatures if name == self.origin and key_id == key.id]
            if not own:
                raise CheckFailed("checkpoint: not signed by every pinned key")
            if not all(key.signed(text.encode(), signature) for signature in own):
                raise CheckFailed("checkpoint: a signature of a pinned key is not valid")
        checkpoint = _parse(text)
        if checkpoint.origin != self.origin:
            raise CheckFailed("checkpoint: of another origin")
        return checkpoint


def _signatures(text: str) -> list[tuple[str, bytes, bytes]]:
    """Name, key id and signature of each line."""
    if text and not text.endswith("\n"):
        raise CheckFailed("checkpoint: cut off in a signature line")
    lines = text.split("\n")[:-1]
    if len(lines) > SIGNATURES_MAX:
        raise CheckFailed("checkpoint: more than 16 signatures")
    found = []
    for line in lines:
        words = line.removeprefix(SIGNATURE_PREFIX).split(" ")
        if not line.startswith(SIGNATURE_PREFIX) or len(words) != 2:
            raise CheckFailed("checkpoint: a line that is no signature")
        data = _decode(words[1])
        if len(data) <= KEY_ID_BYTES:
            raise CheckFailed("checkpoint: a signature line without signature")
        found.append((words[0], data[:KEY_ID_BYTES], data[KEY_ID_BYTES:]))
    return found


def _parse(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise CheckFailed("checkpoint: the text has not three lines")
    origin, size, root = lines[0], lines[1], _decode(lines[2])
    if not (size.isascii() and size.isdigit() and str(int(size[:20])) == size):
        raise CheckFailed("checkpoint: the size is not a decimal number")
    if len(root) != merkle.HASH_BYTES:
        raise CheckFailed("checkpoint: the root is not 32 bytes")
    return Checkpoint(origin, int(size), root)


def verify_ledger_proof(
    proof: common_pb2.LedgerProof, verifier: CheckpointVerifier
) -> tuple[ledger_entry_pb2.OuterEntry, Checkpoint]:
    """The entry and its checkpoint; CheckFailed unless it is in a tree that every pinned key signed."""
    checkpoint = verifier.verify(proof.checkpoint)
    for condition, what in (
        (proof.origin == checkpoint.origin, "of another origin"),
        (proof.tree_size == checkpoint.size, "of another tree size"),
        (len(proof.outer_salt) == SALT_BYTES, "salt is not 16 bytes"),
        (len(proof.inner_hash) == merkle.HASH_BYTES, "inner hash is not 32 bytes"),
    ):
        if not condition:
            raise CheckFailed(f"ledger proof: {what}")
    leaf = merkle.leaf_hash(merkle.leaf_data(proof.outer_salt, proof.inner_hash, proof.outer))
    merkle.verify_inclusion(
        leaf, proof.index, proof.tree_size, proof.inclusion_path, checkpoint.root
    )
    entry = ledger_entry_pb2.OuterEntry()
    try:
        entry.ParseFromString(proof.outer)
    except Exception as error:
        raise CheckFailed("ledger proof: entry cannot be read") from error
    return entry, checkpoint


class CheckpointKeeper:
    """Keeps the last checkpoint seen, in a file, and refuses a tree that does not extend it.

    Take `known` before a call, send its size, and verify each proof that comes back with that very
    value: answers of calls that run at once may come in any order. One file belongs to one process
    at a time. Thread-safe.
    """

    def __init__(self, path: str, verifier: CheckpointVerifier) -> None:
        """Without a path the checkpoint is kept in memory only. SettingsError when the file is bad."""
        self._path = Path(path) if path else None
        self._verifier = verifier
        self._lock = threading.Lock()
        self._known = Checkpoint(origin=verifier.origin)
        if self._path is None or not self._path.exists():
            return
        try:
            self._known = verifier.verify(self._path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, CheckFailed) as error:
            raise SettingsError(f"checkpoint_file: {error}") from error

    @property
    def known(self) -> Checkpoint:
        with self._lock:
            return self._known

    def verify(self, proof: common_pb2.LedgerProof, known: Checkpoint) -> ledger_entry_pb2.OuterEntry:
        """The entry, once it is proven and the checkpoint is kept. CheckFailed, or NotKept."""
        entry, checkpoint = verify_ledger_proof(proof, self._verifier)
        if proof.known_size != known.size:
            raise CheckFailed("ledger proof: starts from another size than asked")
        merkle.verify_consistency(
            known.size, known.root, checkpoint.size, checkpoint.root, proof.consistency_path
        )
        self._remember(checkpoint, proof.checkpoint)
        return entry

    def _remember(self, checkpoint: Checkpoint, note: str) -> None:
        with self._lock:
            if checkpoint.size == self._known.size and checkpoint.root != self._known.root:
                raise CheckFailed("ledger proof: another tree of the size that is known")
            if checkpoint.size <= self._known.size:
                return
            if self._path is not None:
                try:
                    _write_whole(self._path, note)
                except OSError as error:
                    raise NotKept("the checkpoint file cannot be written") from error
            self._known = checkpoint


def _write_whole(path: Path, text: str) -> None:
    """The old file or the new one, never half of it, also after a power cut."""
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
