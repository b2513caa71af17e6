"""A paper as its holder's answer must be, by what the requester itself knows (P3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from naru.catalogue import Catalogue
from naru.config.v1 import catalogue_pb2
from naru.errors import CheckFailed
from naru.header import ExpectedHeader
from naru.ids import is_id
from naru.v1 import common_pb2, document_service_pb2, error_reason_pb2

ABOUT_THE_PERSON = (common_pb2.SUBJECT_TYPE_PERSON, common_pb2.SUBJECT_TYPE_HOUSEHOLD)


@dataclass(frozen=True)
class OwnFetch:
    """What the requester knows before any answer."""

    requester: str  # Own agency code.
    nonce: bytes  # Made here.
    person: common_pb2.Subject
    affair: str = ""  # When unknown, any field of the kind may come.


def _need(condition: bool, what: str) -> None:
    if not condition:
        raise CheckFailed(what, error_reason_pb2.REFUSAL_REASON_SUBJECT_MISMATCH)


def expect_paper(
    announced: document_service_pb2.FetchedPaper,
    own: common_pb2.Paper | None,
    fetch: OwnFetch,
    catalogue: Catalogue,
) -> ExpectedHeader:
    """What the header must say; CheckFailed when no answer about this paper will be taken.

    Compares what the broker announces with the paper as the requester knows it (None when it asked
    for no such paper) and with the catalogue. Identifiers are the requester's own, never the broker's.
    """
    if own is None:
        raise CheckFailed("a paper that was not asked for")
    kind = catalogue.kind(own.kind)
    if kind is None:
        raise CheckFailed("the catalogue does not have the document kind")
    in_affair = catalogue.kind_of_affair(fetch.affair, own.kind)
    paper = announced.paper
    subject = _own_subject(own, kind.subject_type, fetch.person)
    _need(paper.kind == own.kind, "another document kind than asked for")
    _need(bool(subject.number), "no identifier of our own to check the paper against")
    _need(_subject_fits(own.subject, subject), "the paper asked for has another subject type")
    _need(_subject_fits(paper.subject, subject), "another subject than asked for")
    _need(_parameters_fit(paper, own, kind, in_affair), "other parameters than asked for")
    _need(announced.holder == kind.holder, "another holder than the catalogue names")
    _need(is_id(announced.release_id), "the release id is none")
    return ExpectedHeader(
        nonce=fetch.nonce,
        release_id=announced.release_id,
        holder=kind.holder,
        requester=fetch.requester,
        document_kind=own.kind,
        parameters=list(paper.parameters),
        subject=subject,
        person=fetch.person,
        approved_fields=list(in_affair.fields if in_affair and in_affair.fields else kind.fields),
        max_size_bytes=kind.max_size_bytes,
    )


def _own_subject(
    own: common_pb2.Paper, subject_type: int, person: common_pb2.Subject
) -> common_pb2.Subject:
    number = person.number if subject_type in ABOUT_THE_PERSON else own.subject.number
    return common_pb2.Subject(type=subject_type, number=number)  # type: ignore[arg-type]


def _subject_fits(named: common_pb2.Subject, own: common_pb2.Subject) -> bool:
    unnamed = named.type == common_pb2.SUBJECT_TYPE_UNSPECIFIED and not named.number
    about_the_person = own.type in ABOUT_THE_PERSON and not named.number
    return (named.type == own.type or unnamed) and (named.number == own.number or about_the_person)


def _find(parameters: Iterable[common_pb2.Parameter], name: str) -> Sequence[str] | None:
    return next((p.values for p in parameters if p.name == name), None)


def _parameters_fit(
    announced: common_pb2.Paper,
    own: common_pb2.Paper,
    kind: catalogue_pb2.DocumentKind,
    in_affair: catalogue_pb2.AffairKind | None,
) -> bool:
    """Each parameter is the one asked for, or else the one the affair fixes, or else the default."""
    for rule in kind.parameters:
        wanted = _find(own.parameters, rule.name)
        if wanted is None and in_affair is not None:
            wanted = _find(in_affair.fixed_parameters, rule.name)
        if wanted is None:
            wanted = rule.default_values
        got = _find(announced.parameters, rule.name)
        if got is None or list(got) != sorted(set(wanted)):
            return False
    return len(announced.parameters) == len(kind.parameters)
