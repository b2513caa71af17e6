"""The Merkle tree of RFC 6962 over SHA-256: what a verifier needs of it. Pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from naru.errors import CheckFailed

HASH_BYTES = 32


def _sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def leaf_hash(leaf_data: bytes) -> bytes:
    return _sha256(b"\x00", leaf_data)


def node_hash(left: bytes, right: bytes) -> bytes:
    return _sha256(b"\x01", left, right)


def leaf_data(outer_salt: bytes, inner_hash: bytes, outer: bytes) -> bytes:
    """What a leaf of Naru's ledger is made of (proto/naru/v1/common.proto, LedgerProof)."""
    return _sha256(b"\x11", outer_salt, inner_hash, outer)


def _need(condition: bool, what: str) -> None:
    if not condition:
        raise CheckFailed(what)


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 section 2.1.3.2, with its names. CheckFailed unless the path leads to the root."""
    _need(index < size, "inclusion: the tree has no leaf of that index")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        _need(sn > 0, "inclusion: the path is too long")
        _need(len(p) == HASH_BYTES, "inclusion: not a hash in the path")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    _need(sn == 0, "inclusion: the path is too short")
    _need(r == root, "inclusion: the path does not lead to the root")


def verify_consistency(
    first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]
) -> None:
    """RFC 9162 section 2.1.4.2, with its names. CheckFailed unless the second tree extends the first."""
    _need(first <= second, "consistency: the second tree is smaller than the first")
    if first in (0, second):
        _need(not path, "consistency: the path is too long")
        _need(first == 0 or first_root == second_root, "consistency: two roots at one size")
        return
    nodes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    _need(bool(nodes), "consistency: the path is too short")
    _need(all(len(node) == HASH_BYTES for node in nodes), "consistency: not a hash in the path")
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = nodes[0]
    for c in nodes[1:]:
        _need(sn > 0, "consistency: the path is too long")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    _need(sn == 0, "consistency: the path is too short")
    _need(fr == first_root, "consistency: the path does not lead to the first root")
    _need(sr == second_root, "consistency: the path does not lead to the second root")
