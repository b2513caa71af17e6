#!/usr/bin/env python3
"""Calls every public RPC with three clients that are not Naru's, and reads errors and their details.

  calls.py --run DIRECTORY --python DIRECTORY --protos DIRECTORY --image FILE --buf FILE

The table below has every method of naru.v1, holder.v1 and identity.v1, in an order in which each finds
what it needs: a method of the protos that is not in it fails the test, and so does one that is in it
and no longer in the protos. Every client goes through all of it, with consents of its own.
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import os
import pathlib
import sys
import time
from collections.abc import Callable
from typing import Any

import clients
import provider
from naru.ids import new_request_id

Json = dict[str, Any]
AFFAIR, REQUESTER = "SMALL_BUSINESS_POLICY_FUND", "B553077"
KINDS = ("RESIDENT_REGISTER_ABSTRACT", "NHIS_ELIGIBILITY_HISTORY")
BROKER, RESOLVER, MOIS = "urn:naru:1741999:broker", "urn:naru:1741999:resolver", "urn:naru:1741000:holder"
SERVERS = {"naru.v1": ("broker", BROKER), "naru.identity.v1": ("resolver", RESOLVER),
           "naru.holder.v1": ("mois", MOIS)}  # fmt: skip
# A well-formed id of nothing.
NOTHING = "0001" + "0" * 28


class Unexpected(Exception):
    """An answer that is not the expected one; says what came, which names no person."""


@dataclasses.dataclass
class World:
    """What one client has learnt so far."""

    client: clients.ForeignClient
    run: pathlib.Path
    env: dict[str, str]
    case: Json
    known: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.known[name]

    @property
    def person(self) -> Json:
        return {"type": "SUBJECT_TYPE_PERSON", "number": self["ci"]}

    @property
    def provider(self) -> provider.Provider:
        return provider.Provider(self.run / "pki/idp/key.pem", self["ci"])

    def papers(self) -> list[Json]:
        return [{"paperId": n + 1, "kind": kind} for n, kind in enumerate(KINDS)]

    def change(self, action: str, decision: str = "") -> Json:
        """Consent, decisions and evidence of a citizen's change."""
        decisions = [{"paperId": n + 1, "decision": decision} for n in range(len(KINDS))] if decision else []
        evidence = self.provider.evidence(action, self["consent"], self["text"], decisions)
        return {"requestId": new_request_id(), "consentId": self["consent"], "evidence": evidence}

    def address(self, name: str) -> str:
        lines = (self.run / f"{name}.ports").read_text().splitlines()
        return next(line.removeprefix("grpc=") for line in lines if line.startswith("grpc="))


# What an answer must be; may remember something of it.
Check = Callable[[World, clients.Answer], None]


@dataclasses.dataclass(frozen=True)
class Row:
    method: str
    caller: str
    requests: Callable[[World], Json | list[Json]]
    check: Check
    limit: int = 0


def named(request: Json) -> Json:
    return {"requestId": new_request_id(), **request}


def find(value: Any, path: str) -> Any:
    """The part of a JSON value at "a.b"; None when it is not there."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def has(*paths: str, **remember: str) -> Check:
    """The answers have all of this, in whichever of them; `name=path` remembers it as `name`."""

    def check(world: World, answer: clients.Answer) -> None:
        if answer.code != "OK":
            raise Unexpected(f"{answer.code} {answer.detail}")
        for path in (*paths, *remember.values()):
            found = [find(response, path) for response in answer.responses]
            found = [value for value in found if value is not None]
            if not found:
                seen = [sorted(response) for response in answer.responses]
                refusals = [find(response, "refusal.reason") for response in answer.responses]
                raise Unexpected(f"no {path} in {seen} {refusals}")
            for name in (n for n, p in remember.items() if p == path):
                world.known[name] = found[0]

    return check


def answers(check: Callable[[Json], bool]) -> Check:
    """One answer, that is so."""

    def checked(_: World, answer: clients.Answer) -> None:
        if answer.code != "OK" or len(answer.responses) != 1 or not check(answer.responses[0]):
            raise Unexpected(f"{answer.code} {answer.detail} {len(answer.responses)} answers")

    return checked


def refused(*reasons: str) -> Check:
    """A judged no: OK, with one of these reasons."""

    def check(_: World, answer: clients.Answer) -> None:
        got = [find(response, "refusal.reason") for response in answer.responses]
        if answer.code != "OK" or not any(f"REFUSAL_REASON_{reason}" in got for reason in reasons):
            raise Unexpected(f"{answer.code} {answer.detail} {got}")

    return check


def fails(code: str, reason: str, field: str = "") -> Check:
    """A gRPC error whose ErrorDetail this client can read."""

    def check(_: World, answer: clients.Answer) -> None:
        detail = answer.detail or {}
        if (
            answer.code != code
            or detail.get("reason") != f"ERROR_REASON_{reason}"
            or detail.get("field", "") != field
            or not detail.get("nextStep")
        ):
            raise Unexpected(f"{answer.code} {answer.detail}")

    return check


def not_served_yet(_: World, answer: clients.Answer) -> None:
    """README names it under "Not done"."""
    if answer.code != "UNIMPLEMENTED":
        raise Unexpected(f"{answer.code} {answer.detail}")


def open_request(world: World) -> Json:
    return named({"person": world.person, "affair": AFFAIR, "papers": world.papers(),
                  "intake": "INTAKE_COUNTER", "case": world.case})  # fmt: skip


def by_id(world: World) -> Json:
    return {"consentId": world["consent"], "case": world.case}


def grant_request(world: World) -> Json:
    decisions = [{"paperId": n + 1, "decision": "DECISION_AGREED"} for n in range(len(KINDS))]
    text = world["preview_text"]
    evidence = world.provider.evidence("GRANT", AFFAIR, text, decisions)
    return named({"terms": world["terms"], "decisions": decisions, "textSha256": text, "evidence": evidence})


def fetch_request(world: World) -> Json:
    nonce = base64.b64encode(os.urandom(32)).decode()
    world.known["nonce"] = nonce
    return named({"consentId": world["consent"], "person": world.person, "nonce": nonce, "case": world.case})


def resume_request(world: World) -> Json:
    return named({"fetchId": world["fetch"], "paperId": world["header"]["paperId"], "person": world.person,
                  "nonce": world["nonce"], "signedHeader": world["header"]["signedHeader"],
                  "case": world.case})  # fmt: skip


def document_request(world: World) -> Json:
    return {"request": {
        "releaseId": "0001" + os.urandom(14).hex(), "nonce": base64.b64encode(os.urandom(32)).decode(),
        "requester": REQUESTER, "consentId": NOTHING, "affair": AFFAIR, "legalBasis": "전자정부법 36조",
        "documentKind": KINDS[0], "subject": world.person, "person": world.person,
        "approvedFields": ["name", "address"], "maxSizeBytes": "1000000",
    }}  # fmt: skip


def checks(world: World) -> Json:
    about = {"person": world.person, "affair": AFFAIR}
    return {"checks": [{"consentId": world["consent"]}, {"personAffair": about}]}


def newest_size(world: World) -> str:
    """Of the checkpoint that was fetched: its second line."""
    return str(world["checkpoint"]).split("\n")[1]


I, C, D = "naru.identity.v1.IdentityService/", "naru.v1.ConsentService/", "naru.v1.DocumentService/"
K, H, L = "naru.v1.CatalogueService/", "naru.v1.HistoryService/", "naru.v1.LedgerService/"
M = "naru.v1.MessageService/"
TABLE = [
    # The person.
    Row(I + "LookUpPerson", "counter",
        lambda w: named({"residentNumber": w.env["NARU_DEMO_RRN"], "name": w.env["NARU_DEMO_NAME"], "case": w.case}),
        has(ci="person.number")),
    Row(I + "ResolveContact", "broker", lambda w: {"person": w.person}, has("contactRef")),
    Row(I + "ResolveNumber", "mois", lambda w: {"kind": "NUMBER_KIND_RESIDENT", "person": w.person}, has("number")),
    Row(H + "RecordLookUp", "resolver",
        lambda w: named({"person": w.person, "asker": f"{REQUESTER}:counter", "case": w.case, "time": w.client.time()}),
        has("ledgerIndex")),
    # The catalogue.
    Row(K + "GetCatalogue", "system", lambda w: {}, has("generation", "sha256")),
    Row(K + "ListKinds", "system", lambda w: {"pageSize": 500}, answers(lambda a: len(a["kinds"]) >= 13)),
    Row(K + "GetAffair", "system", lambda w: {"affair": AFFAIR}, answers(lambda a: a["affair"]["code"] == AFFAIR)),
    Row(K + "GetSignedCatalogue", "system", lambda w: {}, has("catalogue.catalogue", "generation", base="generation")),
    Row(K + "ApplyCatalogue", "approver-1",
        lambda w: named({"catalogue": {"catalogue": base64.b64encode(b"# none\n").decode(), "baseGeneration": w["base"]},
                         "case": w.case}),
        refused("CATALOGUE_SIGNATURES_MISSING", "CATALOGUE_INVALID")),
    # A consent at the counter.
    Row(C + "OpenConsent", "counter", open_request,
        has("opened.requestNumber", consent="opened.consent.consentId", text="opened.consent.textSha256",
            link="opened.linkToken")),
    Row(C + "GetConsent", "counter", by_id, has("consent.papers")),
    Row(C + "CheckConsent", "counter", by_id, refused("CONSENT_PENDING")),
    Row(C + "WatchConsent", "counter", by_id, has("consent.state"), limit=1),
    Row(C + "ShowConsent", "citizen", lambda w: {"linkToken": w["link"]}, has("shown.text")),
    Row(C + "SendCode", "citizen",
        lambda w: named({"linkToken": w["link"], "purpose": "CODE_PURPOSE_DECIDE"}), has("queued.resendsLeft")),
    Row(M + "FollowMessages", "notifier", lambda w: {}, has("message.text", message="message.cursor"), limit=1),
    Row(M + "AcknowledgeMessages", "notifier", lambda w: {"cursors": [w["message"]]},
        answers(lambda a: a["deleted"] == 1)),
    Row(C + "DecideConsent", "citizen",
        lambda w: {**w.change("DECIDE", "DECISION_AGREED"), "textSha256": w["text"],
                   "decisions": [{"paperId": n + 1, "decision": "DECISION_AGREED"} for n in range(len(KINDS))]},
        has("decided.ledgerIndex")),
    Row(C + "CheckConsent", "system", lambda w: {"consentId": w["consent"]}, has("allowed.paperIds")),
    Row(C + "BatchCheckConsent", "system", checks, answers(lambda a: len(a["results"]) == 2 and "allowed" in a["results"][0])),
    Row(C + "StreamCheckConsent", "system", lambda w: [checks(w), checks(w)], has("results")),
    Row(C + "GetConsentReceipt", "counter", by_id, has("jws")),
    # The documents.
    Row(D + "FetchDocuments", "counter", fetch_request,
        has("chunk.data", "receipt.receipt", "summary.sent", fetch="started.fetchId", header="header")),
    Row(D + "AcknowledgeDocuments", "counter",
        lambda w: named({"fetchId": w["fetch"], "case": w.case,
                         "arrivals": [{"paperId": n + 1, "arrival": "ARRIVAL_ARRIVED"} for n in range(len(KINDS))]}),
        has("acknowledged.ledgerIndexes")),
    Row(D + "ResumeDocument", "counter", resume_request, not_served_yet),
    Row("naru.holder.v1.HolderService/ProvideDocument", "broker", lambda w: [document_request(w)], has("answer.header"), limit=1),
    # Lists, histories and what happens.
    Row(C + "ListPersonConsents", "citizen", lambda w: {"session": w.provider.session()}, has("page.consents")),
    Row(C + "ListAgencyConsents", "system", lambda w: {"affair": AFFAIR}, has("page")),
    Row(C + "ListCaseConsents", "counter", lambda w: {"case": w.case}, has("page.consents")),
    Row(C + "WatchCase", "counter", lambda w: {"case": w.case}, has("event"), limit=1),
    Row(C + "WatchAgency", "system", lambda w: {}, has("event"), limit=1),
    Row(H + "ListPersonHistory", "citizen", lambda w: {"session": w.provider.session()}, has("page.total")),
    Row(H + "ListCaseHistory", "counter", lambda w: {"case": w.case}, has("page.entries")),
    # A consent from home.
    Row(C + "PreviewConsent", "citizen",
        lambda w: {"session": w.provider.session(),
                   "terms": {"requester": REQUESTER, "affair": AFFAIR, "papers": w.papers()}},
        has("preview.text", terms="preview.terms", preview_text="preview.textSha256")),
    Row(C + "GrantConsent", "citizen", grant_request, has("granted.ledgerIndex")),
    # Back again.
    Row(C + "SuspendConsent", "citizen", lambda w: w.change("SUSPEND"), has("suspended.ledgerIndex")),
    Row(C + "ResumeConsent", "citizen", lambda w: w.change("RESUME"), has("resumed.ledgerIndex")),
    Row(C + "WithdrawConsent", "citizen", lambda w: w.change("WITHDRAW", "DECISION_WITHDRAWN"), has("withdrawn.ledgerIndex")),
    Row(D + "FetchDocuments", "counter", fetch_request, refused("CONSENT_WITHDRAWN")),
    Row(C + "OpenConsent", "counter", open_request, has(consent="opened.consent.consentId")),
    Row(C + "CancelConsent", "counter", lambda w: named(by_id(w)), has("consent.state")),
    # The switch.
    Row(K + "SuspendApproval", "approver-1",
        lambda w: named({"approvalId": "fund-2026", "officialId": "lee-1", "ground": "전자정부법 41조"}), has("approval.generation")),
    Row(K + "LiftApproval", "approver-1", lambda w: named({"approvalId": "fund-2026", "officialId": "lee-1"}),
        refused("SECOND_PERSON_NEEDED")),
    Row(K + "LiftApproval", "approver-2", lambda w: named({"approvalId": "fund-2026", "officialId": "park-2"}),
        has("approval.generation")),
    # The ledger.
    Row(L + "GetCheckpoint", "system", lambda w: {}, has(checkpoint="checkpoint")),
    Row(L + "GetInclusionProof", "system",
        lambda w: {"index": "0", "treeSize": newest_size(w)}, has("path")),
    Row(L + "GetConsistencyProof", "system",
        lambda w: {"firstSize": "1", "secondSize": newest_size(w)}, has("path")),
    # Errors: what a caller of any language can read of them.
    Row(C + "GetConsent", "counter", lambda w: {"consentId": "x", "case": w.case},
        fails("INVALID_ARGUMENT", "FIELD_MALFORMED", "consent_id")),
    Row(C + "GetConsent", "counter", lambda w: {"consentId": w["consent"]}, fails("INVALID_ARGUMENT", "FIELD_MISSING", "case")),
    Row(C + "GetConsent", "counter", lambda w: {"consentId": NOTHING, "case": w.case}, fails("NOT_FOUND", "NOT_FOUND")),
    Row(C + "OpenConsent", "citizen", open_request, fails("PERMISSION_DENIED", "ROLE_NOT_ALLOWED")),
    Row(D + "FetchDocuments", "counter", lambda w: {**fetch_request(w), "nonce": "bm8="},
        fails("INVALID_ARGUMENT", "FIELD_MALFORMED", "nonce")),
]  # fmt: skip


def run_table(world: World) -> list[str]:
    """What was not as it must be."""
    failures = []
    for number, row in enumerate(TABLE):
        package = row.method.rpartition(".")[0]
        name, server = SERVERS[package]
        try:
            requests = row.requests(world)
            answer = world.client.call(clients.Call(
                row.method, row.caller, world.address(name), server,
                requests if isinstance(requests, list) else [requests], row.limit,
            ))  # fmt: skip
            row.check(world, answer)
        except KeyError as error:
            failures.append(f"row {number + 1}, {row.method}: needs {error}, which an earlier row did not give")
        except Unexpected as error:
            failures.append(f"row {number + 1}, {row.method} by {row.caller}: {error}")
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name in ("run", "python", "protos", "image", "buf"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    options = parser.parse_args()
    here, pki = pathlib.Path(__file__).resolve().parent, options.run / "pki"
    methods = clients.services(options.python)
    failures = [f"no row calls {name}" for name in sorted(set(methods) - {row.method for row in TABLE})]
    failures += [f"{name} is in no proto" for name in sorted({row.method for row in TABLE} - set(methods))]
    if failures:
        print("\n".join(failures))
        return 1
    env = {name: os.environ[name] for name in ("NARU_DEMO_RRN", "NARU_DEMO_NAME")}
    for number, client in enumerate((
        clients.Python(pki, methods),
        clients.GrpcJs(here, options.protos, pki),
        clients.BufCurl(options.buf, options.image, pki),
    )):  # fmt: skip
        case = {"officialId": "kim-0421", "terminalId": "desk-3", "caseNumber": f"2026-{number:06d}"}
        started = time.monotonic()
        try:
            found = run_table(World(client, options.run, env, case))
        finally:
            client.close()
        seconds = time.monotonic() - started
        print(f"{client.name}: {len(TABLE)} calls, {len(found)} failed, {seconds:.1f} s", flush=True)
        for failure in found:
            print(f"  {failure}", flush=True)
        failures += found
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
