"""The broker's receipt of a release: signature, every field, and the entry in the ledger (P1, P5)."""

from __future__ import annotations

import datetime
import hmac
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from naru.checkpoint import Checkpoint, CheckpointKeeper
from naru.errors import CheckFailed
from naru.signatures import KeyRing
from naru.v1 import document_service_pb2, ledger_entry_pb2

CONTEXT = "naru-receipt-v1"
RECEIPT_BYTES_MAX = 256 * 1024


@dataclass(frozen=True)
class ExpectedReceipt:
    """What a receipt must prove."""

    entry_kind: int
    release_id: str
    fetch_id: str
    consent_id: str
    requester: str
    holder: str
    document_kind: str
    paper_id: int
    nonce: bytes
    mode: int
    header_sha256: bytes  # Empty when there is no header to compare with (a repeat).
    document_sha256: bytes  # Empty for NO_RECORD.


@dataclass(frozen=True)
class CheckedReceipt:
    receipt: document_service_pb2.Receipt
    entry: ledger_entry_pb2.OuterEntry


def check_receipt(
    signed: document_service_pb2.DocumentReceipt,
    expected: ExpectedReceipt,
    keys: KeyRing,
    keeper: CheckpointKeeper,
    known: Checkpoint,
    now: datetime.datetime,
) -> CheckedReceipt:
    """CheckFailed says which check failed; NotKept when the checkpoint could not be written."""
    if len(signed.receipt) > RECEIPT_BYTES_MAX:
        raise CheckFailed("receipt: larger than allowed")
    if not keys.verify(CONTEXT, signed.receipt, signed.signature, KeyRing.RECEIPTS, now):
        raise CheckFailed("receipt: not signed by a receipt key that counts now")
    receipt = document_service_pb2.Receipt()
    try:
        receipt.ParseFromString(signed.receipt)
    except DecodeError as error:
        raise CheckFailed("receipt: cannot be read") from error
    _compare_receipt(receipt, expected)
    entry = keeper.verify(receipt.proof, known)
    _compare_entry(entry, expected, receipt)
    return CheckedReceipt(receipt, entry)


def _compare_receipt(receipt: document_service_pb2.Receipt, expected: ExpectedReceipt) -> None:
    for same, what in (
        (receipt.context == CONTEXT, "context"),
        (receipt.release_id == expected.release_id, "release"),
        (receipt.fetch_id == expected.fetch_id, "fetch"),
        (receipt.consent_id == expected.consent_id, "consent"),
        (receipt.requester == expected.requester, "requester"),
        (receipt.holder == expected.holder, "holder"),
        (receipt.paper_id == expected.paper_id, "paper"),
        (receipt.document_kind == expected.document_kind, "document kind"),
        (hmac.compare_digest(receipt.nonce, expected.nonce), "nonce"),
        (receipt.header_sha256 == (expected.header_sha256 or receipt.header_sha256), "header"),
    ):
        if not same:
            raise CheckFailed(f"receipt: another {what}")


def _compare_entry(
    entry: ledger_entry_pb2.OuterEntry,
    expected: ExpectedReceipt,
    receipt: document_service_pb2.Receipt,
) -> None:
    has_header = bool(expected.header_sha256)
    for same, what in (
        (entry.kind == expected.entry_kind, "kind of entry"),
        (entry.release_id == expected.release_id, "release"),
        (entry.fetch_id == expected.fetch_id, "fetch"),
        (entry.consent_id == expected.consent_id, "consent"),
        (entry.requester == expected.requester, "requester"),
        (entry.holder == expected.holder, "holder"),
        (entry.paper_id == expected.paper_id, "paper"),
        (entry.document_kind == expected.document_kind, "document kind"),
        (entry.mode == expected.mode, "mode"),
        (entry.header_sha256 == receipt.header_sha256, "header"),
        (not has_header or entry.document_sha256 == expected.document_sha256, "document"),
    ):
        if not same:
            raise CheckFailed(f"ledger entry: another {what}")
