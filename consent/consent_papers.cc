#include "consent/consent_papers.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/catalog/policy.h"

namespace naru {
namespace {

// Numbers of eight digits that do not begin with 0.
constexpr uint64_t kFirstRequestNumber = 10'000'000;
constexpr uint64_t kRequestNumbers = 90'000'000;

bool IsThePersons(v1::SubjectType type) {
  return type == v1::SUBJECT_TYPE_PERSON || type == v1::SUBJECT_TYPE_HOUSEHOLD;
}

// The paper's subject as the record keeps it: type and number explicit.
absl::StatusOr<v1::Subject> MakeSubject(const v1::Subject& given, v1::SubjectType type,
                                        const std::string& ci, const std::string& field) {
  if (given.type() != type &&
      (given.type() != v1::SUBJECT_TYPE_UNSPECIFIED || !IsThePersons(type))) {
    return FieldMalformed(field + ".subject.type", "what the kind is about");
  }
  v1::Subject subject;
  subject.set_type(type);
  if (!IsThePersons(type)) {
    if (given.number().empty()) return FieldMissing(field + ".subject.number");
    subject.set_number(given.number());
    return subject;
  }
  if (!given.number().empty() && given.number() != ci) {
    return FieldMalformed(field + ".subject.number", "empty, or the person who decides");
  }
  subject.set_number(ci);
  return subject;
}

v1::Refusal NotInAffair(const v1::Paper& paper) {
  return MakeRefusal(v1::REFUSAL_REASON_KIND_NOT_IN_AFFAIR,
                     {{"paper_id", absl::StrCat(paper.paper_id())}});
}

}  // namespace

absl::StatusOr<std::optional<v1::Refusal>> AddPapers(
    const Catalogue& catalogue, const std::string& affair, const std::string& ci,
    const google::protobuf::RepeatedPtrField<v1::Paper>& given_papers, StoredConsent* consent) {
  if (catalogue.FindAffair(affair) == nullptr) {
    return std::optional<v1::Refusal>(MakeRefusal(v1::REFUSAL_REASON_NO_USE_APPROVAL));
  }
  for (int i = 0; i < given_papers.size(); ++i) {
    const v1::Paper& given = given_papers[i];
    const std::string field = absl::StrFormat("papers[%d]", i);
    const config::v1::DocumentKind* const kind = catalogue.FindKind(given.kind());
    const std::optional<uint32_t> index = catalogue.AffairKindIndex(affair, given.kind());
    if (kind == nullptr || kind->closed() || !index.has_value()) {
      return std::optional<v1::Refusal>(NotInAffair(given));
    }
    v1::Paper& paper = *consent->details.add_papers();
    paper.set_paper_id(given.paper_id());
    paper.set_kind(given.kind());
    ABSL_ASSIGN_OR_RETURN(*paper.mutable_subject(),
                          MakeSubject(given.subject(), kind->subject_type(), ci, field));
    ABSL_ASSIGN_OR_RETURN(
        std::vector<v1::Parameter> parameters,
        catalogue.ExplicitParameters(given.kind(), affair, given.parameters(), field));
    for (v1::Parameter& parameter : parameters) *paper.add_parameters() = std::move(parameter);

    storage::v1::PaperRow& row = *consent->row.add_papers();
    row.set_paper_id(given.paper_id());
    row.set_kind(given.kind());
    row.set_subject_type(kind->subject_type());
    row.set_affair_kind(*index);
  }
  return std::optional<v1::Refusal>();
}

absl::StatusOr<std::optional<v1::Refusal>> RefusePapers(const Reader& rows,
                                                        const Catalogue& catalogue,
                                                        const storage::v1::ConsentRow& consent) {
  for (const storage::v1::PaperRow& paper : consent.papers()) {
    ABSL_ASSIGN_OR_RETURN(std::optional<v1::Refusal> refused,
                          RefuseUse(rows, catalogue, consent.requester(), consent.affair(),
                                    paper.kind(), v1::ACCESS_MODE_UNSPECIFIED));
    if (!refused.has_value()) continue;
    (*refused->mutable_facts())["paper_id"] = absl::StrCat(paper.paper_id());
    return refused;
  }
  return std::optional<v1::Refusal>();
}

std::string DrawRequestNumber(Random& random) {
  return absl::StrCat(kFirstRequestNumber + random.Below(kRequestNumbers));
}

}  // namespace naru
