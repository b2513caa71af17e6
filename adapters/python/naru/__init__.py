"""The requester's side of Naru in Python.

    with naru.Client.from_file("system.textproto") as client:
        with client.fetch(naru.FetchOptions(consent_id=consent_id, person=ci)) as case:
            for document in case.documents:
                if document.result is naru.Result.DELIVERED:
                    keep(document.kind, document.body.chunks())

A paper that is handed over is whole, signed by its holder, about the person asked for, made for this
very call, released by a ledger entry that every pinned key vouches for. Anything else is MISMATCH, and
there is no body. docs/requesters.md says what each outcome means and what to do.
"""

from naru.client import Client, FetchOptions
from naru.errors import CallFailed, CheckFailed, NaruError, NotKept, SettingsError, error_detail
from naru.ids import new_request_id
from naru.results import Document, FetchedCase, Result
from naru.settings import load_settings

__all__ = [
    "CallFailed",
    "CheckFailed",
    "Client",
    "Document",
    "FetchOptions",
    "FetchedCase",
    "NaruError",
    "NotKept",
    "Result",
    "SettingsError",
    "error_detail",
    "load_settings",
    "new_request_id",
]
