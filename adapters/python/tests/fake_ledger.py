"""A ledger in memory, with keys of its own: what a broker proves its releases with."""

import base64
import hashlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from naru import merkle
from naru.v1 import common_pb2, ledger_entry_pb2

ORIGIN = "naru.example/ledger/test"


def split(size: int) -> int:
    """The largest power of two below size."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    k = split(len(leaves))
    return merkle.node_hash(root(leaves[:k]), root(leaves[k:]))


def inclusion_path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) < 2:
        return []
    k = split(len(leaves))
    if index < k:
        return inclusion_path(index, leaves[:k]) + [root(leaves[k:])]
    return inclusion_path(index - k, leaves[k:]) + [root(leaves[:k])]


def consistency_path(first: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if first <= k:
        return consistency_path(first, leaves[:k], whole) + [root(leaves[k:])]
    return consistency_path(first - k, leaves[k:], False) + [root(leaves[:k])]


class FakeLedger:
    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self._ed25519 = ed25519.Ed25519PrivateKey.generate()
        self._ecdsa = ec.generate_private_key(ec.SECP256R1())

    def append(self, entry: ledger_entry_pb2.OuterEntry, known: int) -> common_pb2.LedgerProof:
        """The entry, proven in the tree that ends with it."""
        proof = common_pb2.LedgerProof(
            origin=ORIGIN,
            index=len(self.leaves),
            outer=entry.SerializeToString(),
            outer_salt=hashlib.sha256(b"salt%d" % len(self.leaves)).digest()[:16],
            inner_hash=hashlib.sha256(b"inner%d" % len(self.leaves)).digest(),
            known_size=known,
        )
        data = merkle.leaf_data(proof.outer_salt, proof.inner_hash, proof.outer)
        self.leaves.append(merkle.leaf_hash(data))
        proof.tree_size = len(self.leaves)
        proof.inclusion_path.extend(inclusion_path(proof.index, self.leaves))
        if 0 < known <= len(self.leaves):
            proof.consistency_path.extend(consistency_path(known, self.leaves))
        proof.checkpoint = self.note(len(self.leaves))
        return proof

    def keys(self) -> list[tuple[bytes, bytes, object]]:
        """Key id, type and raw bytes, and the private key."""
        ed_raw = b"\x01" + self._ed25519.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        ec_raw = self._ecdsa.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        ed_id = hashlib.sha256(ORIGIN.encode() + b"\n" + ed_raw).digest()[:4]
        return [
            (ed_id, ed_raw, self._ed25519),
            (hashlib.sha256(ec_raw).digest()[:4], b"\x02" + ec_raw, self._ecdsa),
        ]

    def verifier_keys(self) -> list[str]:
        return [f"{ORIGIN}+{id.hex()}+{base64.b64encode(raw).decode()}" for id, raw, _ in self.keys()]

    def note(self, size: int, signers: tuple[int, ...] = (0, 1)) -> str:
        text = f"{ORIGIN}\n{size}\n{base64.b64encode(root(self.leaves[:size])).decode()}\n"
        return self.signed(text, signers)

    def signed(self, text: str, signers: tuple[int, ...] = (0, 1)) -> str:
        note = text + "\n"
        for signer in signers:
            id, _, key = self.keys()[signer]
            if isinstance(key, ed25519.Ed25519PrivateKey):
                signature = key.sign(text.encode())
            else:
                assert isinstance(key, ec.EllipticCurvePrivateKey)
                signature = key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
            note += f"\u2014 {ORIGIN} {base64.b64encode(id + signature).decode()}\n"
        return note
