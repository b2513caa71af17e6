#include "adapters/client/expected_paper.h"

#include <algorithm>
#include <set>
#include <vector>

#include "broker/base/ids.h"

namespace naru::client {
namespace {

using Values = google::protobuf::RepeatedPtrField<std::string>;

const v1::Parameter* FindParameter(const google::protobuf::RepeatedPtrField<v1::Parameter>& all,
                                   absl::string_view name) {
  for (const v1::Parameter& parameter : all) {
    if (parameter.name() == name) return &parameter;
  }
  return nullptr;
}

bool SameValues(const Values& announced, const Values& wanted) {
  const std::set<std::string> sorted(wanted.begin(), wanted.end());
  return std::equal(announced.begin(), announced.end(), sorted.begin(), sorted.end());
}

// Each parameter is the one asked for, or else the one the affair fixes, or else the default.
bool ParametersFit(const v1::Paper& announced, const v1::Paper& own,
                   const config::v1::DocumentKind& kind, const config::v1::AffairKind* in_affair) {
  for (const config::v1::ParameterRule& rule : kind.parameters()) {
    const v1::Parameter* const named = FindParameter(own.parameters(), rule.name());
    const v1::Parameter* const fixed =
        in_affair == nullptr ? nullptr : FindParameter(in_affair->fixed_parameters(), rule.name());
    const Values& wanted = named != nullptr   ? named->values()
                           : fixed != nullptr ? fixed->values()
                                              : rule.default_values();
    const v1::Parameter* const got = FindParameter(announced.parameters(), rule.name());
    if (got == nullptr || !SameValues(got->values(), wanted)) return false;
  }
  return announced.parameters_size() == kind.parameters_size();
}

bool NamesThePerson(v1::SubjectType type) {
  return type == v1::SUBJECT_TYPE_PERSON || type == v1::SUBJECT_TYPE_HOUSEHOLD;
}

// The subject by the requester's own word; number empty when it has none.
v1::Subject OwnSubject(const v1::Paper& own, const config::v1::DocumentKind& kind,
                       const v1::Subject& person) {
  v1::Subject subject;
  subject.set_type(kind.subject_type());
  subject.set_number(NamesThePerson(kind.subject_type()) ? person.number()
                                                         : own.subject().number());
  return subject;
}

bool SubjectFits(const v1::Subject& named, const v1::Subject& own) {
  const bool type_fits = named.type() == own.type() ||
                         (named.type() == v1::SUBJECT_TYPE_UNSPECIFIED && named.number().empty());
  const bool number_fits =
      named.number() == own.number() || (NamesThePerson(own.type()) && named.number().empty());
  return type_fits && number_fits;
}

// Why the announced paper is not the one asked for; empty when it is.
std::string Difference(const v1::FetchedPaper& announced, const v1::Paper& own,
                       const v1::Subject& subject, const config::v1::DocumentKind& kind,
                       const config::v1::AffairKind* in_affair) {
  if (announced.paper().kind() != own.kind()) return "another document kind than asked for";
  if (subject.number().empty()) return "no identifier of our own to check the paper against";
  if (!SubjectFits(own.subject(), subject)) return "the paper asked for has another subject type";
  if (!SubjectFits(announced.paper().subject(), subject)) return "another subject than asked for";
  if (!ParametersFit(announced.paper(), own, kind, in_affair)) {
    return "other parameters than asked for";
  }
  if (announced.holder() != kind.holder()) return "another holder than the catalogue names";
  if (!ReleaseId::Parse(announced.release_id()).ok()) return "the release id is none";
  return "";
}

}  // namespace

ExpectedPaper ExpectPaper(const v1::FetchedPaper& announced, const v1::Paper* own,
                          const OwnFetch& fetch, const ClientCatalogue& catalogue) {
  ExpectedPaper expected;
  if (own == nullptr) {
    expected.not_expected = "a paper that was not asked for";
    return expected;
  }
  const config::v1::DocumentKind* const kind = catalogue.FindKind(own->kind());
  if (kind == nullptr) {
    expected.not_expected = "the catalogue does not have the document kind";
    return expected;
  }
  const config::v1::Affair* const affair = catalogue.FindAffair(fetch.affair);
  const config::v1::AffairKind* const in_affair =
      affair == nullptr ? nullptr : ClientCatalogue::FindKindOf(*affair, own->kind());
  const v1::Subject subject = OwnSubject(*own, *kind, fetch.person);
  expected.not_expected = Difference(announced, *own, subject, *kind, in_affair);

  ExpectedHeader& header = expected.header;
  header.nonce = fetch.nonce;
  header.release_id = announced.release_id();
  header.holder = kind->holder();
  header.requester = fetch.requester;
  header.document_kind = own->kind();
  header.parameters.assign(announced.paper().parameters().begin(),
                           announced.paper().parameters().end());
  header.subject = subject;
  header.person = fetch.person;
  const Values& fields =
      in_affair != nullptr && in_affair->fields_size() > 0 ? in_affair->fields() : kind->fields();
  header.approved_fields.assign(fields.begin(), fields.end());
  header.max_size_bytes = kind->max_size_bytes();
  return expected;
}

}  // namespace naru::client
