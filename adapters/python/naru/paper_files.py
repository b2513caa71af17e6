"""Writes what was delivered as "naructl fetch --out" does: bodies and receipts, for their owner alone."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path
from typing import Any

from naru.results import Document, Result
from naru.v1 import common_pb2

ENDINGS = {"application/json": "json", "application/pdf": "pdf", "application/xml": "xml"}


def write_paper(directory: Path, document: Document) -> str:
    """Writes `<paper>_<kind>.<ending>` and `<paper>_<kind>.receipt.json`; the body's name, or "".

    Nothing is written of a document that was not checked. OSError when a file cannot be written.
    """
    if document.result not in (Result.DELIVERED, Result.NO_RECORD, Result.DECLINED, Result.DEFERRED):
        return ""
    stem = f"{document.paper_id}_{re.sub(r'[^0-9A-Za-z_]', '-', document.kind)[:64]}"
    name = ""
    if document.body is not None and document.header is not None:
        media_type = document.header.media_type.partition(";")[0].strip()
        name = f"{stem}.{ENDINGS.get(media_type, 'bin')}"
        _write(directory / name, document.body.chunks())
    text = json.dumps(_receipt(document, name), indent=1) + "\n"
    _write(directory / f"{stem}.receipt.json", [text.encode()])
    return name


def _write(path: Path, chunks: Any) -> None:
    """The old file or the new one, never half of it; never through a link that somebody laid."""
    temporary = path.with_name(path.name + ".part")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _signed(data: bytes, signature: common_pb2.Signature) -> dict[str, str]:
    return {
        "bytes": _base64(data),
        "algorithm": signature.algorithm,
        "key_id": signature.key_id,
        "signature": _base64(signature.signature),
    }


def _receipt(document: Document, body_file: str) -> dict[str, Any]:
    """All that an independent program needs to check the paper again: deploy/verify/verify.py does."""
    header, signed = document.header, document.signed_header
    assert header is not None and signed is not None
    result: dict[str, Any] = {
        "paper_id": document.paper_id,
        "kind": document.kind,
        "result": document.result.value,
        "holder": header.holder,
        "requester": header.requester,
        "release_id": header.release_id,
        "nonce": header.nonce.hex(),
        "header": _signed(signed.header, signed.signature),
    }
    if body_file:
        result["body"] = {
            "file": body_file,
            "size_bytes": header.size_bytes,
            "sha256": header.body_sha256.hex(),
            "chunk_size_bytes": header.chunk_size_bytes,
            "chunk_sha256": [digest.hex() for digest in header.chunk_sha256],
        }
    if document.receipt is not None and document.signed_receipt is not None:
        proof = document.receipt.proof
        result["consent_id"] = document.receipt.consent_id
        result["fetch_id"] = document.receipt.fetch_id
        result["receipt"] = _signed(document.signed_receipt.receipt, document.signed_receipt.signature)
        result["ledger"] = {
            "origin": proof.origin,
            "index": proof.index,
            "tree_size": proof.tree_size,
            "outer": _base64(proof.outer),
            "outer_salt": proof.outer_salt.hex(),
            "inner_hash": proof.inner_hash.hex(),
            "inclusion_path": [node.hex() for node in proof.inclusion_path],
            "checkpoint": proof.checkpoint,
        }
    return result
