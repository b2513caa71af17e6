"""The command line: checks a consent, fetches papers. Status 0 done, 1 error or mismatch, 2 refused."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from google.protobuf import json_format, text_format

from naru.client import Client, FetchOptions
from naru.errors import NaruError, SettingsError
from naru.paper_files import write_paper
from naru.results import Document, FetchedCase, Result
from naru.v1 import common_pb2, consent_service_pb2, error_reason_pb2

OK, ERROR, REFUSED = 0, 1, 2
GOOD = (Result.DELIVERED, Result.NO_RECORD, Result.REPEATED)
NOES = (Result.DECLINED, Result.NOT_PERMITTED, Result.DEFERRED)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        with Client.from_file(options.config) as client:
            return int(options.run(client, options))
    except (NaruError, OSError) as error:
        print(f"naru: {error}", file=sys.stderr)
        return ERROR


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="naru",
        description="Fetches papers with Naru, and hands over only what is whole and checked.",
        epilog="Ends with 0 when done, 1 for an error or a mismatch, 2 when refused.",
    )
    parser.add_argument(
        "--config", required=True, help="textproto of naru.config.v1.ClientConfig, as naructl takes"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="would a fetch be allowed now, and of which papers?")
    check.add_argument("--consent-id", help="the consent; or else --person-file and --affair")
    check.add_argument("--person-file", type=Path, help="file with the person's CI")
    check.add_argument("--affair", help="affair code")
    _add_case(check)
    check.set_defaults(run=_check)

    fetch = commands.add_parser("fetch", help="fetch a case's papers, check and write them")
    fetch.add_argument("--consent-id", required=True, help="the consent")
    fetch.add_argument("--person-file", type=Path, required=True, help="file with the person's CI")
    fetch.add_argument("--out", type=Path, required=True, help="folder for papers and receipts")
    fetch.add_argument(
        "--papers", type=Path, help="textproto of the papers as you know them (default: the consent's)"
    )
    fetch.add_argument("--affair", default="", help="affair code; with --papers")
    fetch.add_argument(
        "--paper", type=int, action="append", default=[], help="only this paper; may be given again"
    )
    fetch.add_argument("--mode", choices=("VIEW", "TRANSFER"), default="VIEW", help="how they are used")
    fetch.add_argument("--all-or-nothing", action="store_true", help="all papers or none")
    fetch.add_argument(
        "--acknowledge", action="store_true", help="tell the broker what arrived, when it is written"
    )
    _add_case(fetch)
    fetch.set_defaults(run=_fetch)
    return parser


def _add_case(parser: argparse.ArgumentParser) -> None:
    for name, what in (("official", "the official"), ("terminal", "the terminal"), ("case", "the case")):
        parser.add_argument(f"--{name}", default="", help=f"{what}; required of a counter's certificate")


def _case(options: argparse.Namespace) -> common_pb2.CaseContext | None:
    if not (options.official or options.terminal or options.case):
        return None
    return common_pb2.CaseContext(
        official_id=options.official, terminal_id=options.terminal, case_number=options.case
    )


def _person(path: Path) -> str:
    return path.read_text(encoding="ascii").strip()


def _check(client: Client, options: argparse.Namespace) -> int:
    request = consent_service_pb2.CheckConsentRequest(case=_case(options))
    if options.consent_id:
        request.consent_id = options.consent_id
    elif options.person_file and options.affair:
        request.person_affair.affair = options.affair
        request.person_affair.person.type = common_pb2.SUBJECT_TYPE_PERSON
        request.person_affair.person.number = _person(options.person_file)
    else:
        raise SettingsError("name --consent-id, or --person-file and --affair")
    answer = client.call(client.consents.CheckConsent, request)
    if answer.HasField("refusal"):
        return _refused(answer.refusal)
    print(json_format.MessageToJson(answer.allowed))
    return OK


def _refused(refusal: error_reason_pb2.Refusal) -> int:
    print(f"refused: {_why(refusal)}")
    return REFUSED


def _why(refusal: error_reason_pb2.Refusal) -> str:
    reason = error_reason_pb2.RefusalReason.Name(refusal.reason).removeprefix("REFUSAL_REASON_")
    mender = error_reason_pb2.Mender.Name(refusal.mender).removeprefix("MENDER_")
    facts = "".join(f", {key}={value}" for key, value in sorted(refusal.facts.items()))
    return f"{reason} (can be mended by: {mender}{facts}) {refusal.explanation}".rstrip()


def _papers(path: Path | None) -> list[common_pb2.Paper]:
    if path is None:
        return []
    listed = consent_service_pb2.OpenConsentRequest()  # Has `papers { ... }` as naructl's file has.
    try:
        text_format.Parse(path.read_text(encoding="utf-8"), listed)
    except text_format.ParseError as error:
        raise SettingsError(f"{path}: {error}") from error
    return list(listed.papers)


def _fetch(client: Client, options: argparse.Namespace) -> int:
    case = _case(options)
    wanted = FetchOptions(
        consent_id=options.consent_id,
        person=_person(options.person_file),
        case=case,
        papers=_papers(options.papers),
        paper_ids=options.paper,
        affair=options.affair,
        mode=common_pb2.AccessMode.Value(f"ACCESS_MODE_{options.mode}"),
        all_or_nothing=options.all_or_nothing,
    )
    options.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    with client.fetch(wanted) as fetched:
        if fetched.refusal is not None:
            return _refused(fetched.refusal)
        for document in fetched.documents:
            print(_line(document, write_paper(options.out, document)))
        _sync(options.out)
        if options.acknowledge:
            client.acknowledge(fetched, case)
        return _status(fetched)


def _line(document: Document, file: str) -> str:
    note = document.what
    if document.refusal is not None and document.refusal.reason:
        note = _why(document.refusal)
    parts = (str(document.paper_id), document.kind, document.holder, document.result.value, file, note)
    return "  ".join(part for part in parts if part)


def _sync(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _status(fetched: FetchedCase) -> int:
    """1 for a fault or a mismatch, else 2 for a no, else 0."""
    if fetched.error is not None:
        print(f"naru: {fetched.error}", file=sys.stderr)
        return ERROR
    results = {document.result for document in fetched.documents}
    if results - set(GOOD) - set(NOES):
        return ERROR
    return REFUSED if results & set(NOES) else OK
