#include "consent/release_answer.h"

#include <map>
#include <string>
#include <utility>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/receipt.h"
#include "consent/fetch_record.h"
#include "consent/ledger/ledger.h"
#include "consent/ledger_proof_builder.h"
#include "consent/release_judge.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {
namespace {

absl::StatusOr<v1::OuterEntry> ReadOuter(const RulesContext& context, uint64_t index_plus_one) {
  if (index_plus_one == 0) return InternalFault("a fetch that has not ended is answered again");
  ABSL_ASSIGN_OR_RETURN(const storage::v1::RecordRow record,
                        context.ledger->Record(index_plus_one - 1));
  v1::OuterEntry outer;
  if (!outer.ParseFromString(record.outer())) return DataDamaged("an entry cannot be read");
  return outer;
}

absl::StatusOr<v1::FetchSummary> Summary(const RulesContext& context,
                                         const storage::v1::FetchRow& fetch) {
  ABSL_ASSIGN_OR_RETURN(const v1::OuterEntry ended,
                        ReadOuter(context, fetch.ended_index_plus_one()));
  v1::FetchSummary summary = CountOutcomes(fetch);
  summary.set_uses_left(ended.uses_left());
  return summary;
}

absl::StatusOr<v1::FetchStarted> Started(const FetchRecord& record) {
  v1::FetchStarted started;
  ABSL_ASSIGN_OR_RETURN(const FetchId fetch, FetchId::FromBytes(record.fetch.fetch_id()));
  started.set_fetch_id(fetch.text());
  started.set_repeated_request(true);
  for (const storage::v1::FetchedPaperRow& row : record.fetch.papers()) {
    v1::FetchedPaper& paper = *started.add_papers();
    paper.mutable_paper()->set_paper_id(row.paper_id());
    const v1::Paper* const agreed = FindPaper(record.consent.details, row.paper_id());
    if (agreed != nullptr) *paper.mutable_paper() = *agreed;
    paper.set_holder(row.holder());
    ABSL_ASSIGN_OR_RETURN(const ReleaseId release, ReleaseId::FromBytes(row.release_id()));
    paper.set_release_id(release.text());
  }
  return started;
}

absl::StatusOr<v1::DocumentReceipt> Receipt(const RulesContext& context, const FetchRecord& record,
                                            const storage::v1::FetchedPaperRow& row,
                                            uint64_t known_size) {
  if (row.release_index_plus_one() == 0) return DataDamaged("a paper was sent without a release");
  v1::Receipt receipt;
  ABSL_ASSIGN_OR_RETURN(*receipt.mutable_proof(),
                        ProveEntry(*context.ledger, row.release_index_plus_one() - 1, known_size));
  v1::OuterEntry outer;
  if (!outer.ParseFromString(receipt.proof().outer())) {
    return DataDamaged("an entry cannot be read");
  }
  receipt.set_context(std::string(kReceiptContext));
  receipt.set_release_id(outer.release_id());
  receipt.set_fetch_id(outer.fetch_id());
  receipt.set_consent_id(outer.consent_id());
  receipt.set_requester(outer.requester());
  receipt.set_holder(outer.holder());
  receipt.set_paper_id(outer.paper_id());
  receipt.set_document_kind(outer.document_kind());
  receipt.set_header_sha256(outer.header_sha256());
  const int64_t now_us = absl::ToUnixMicros(context.clock->Now());
  receipt.mutable_time()->set_seconds(now_us / 1'000'000);
  receipt.mutable_time()->set_nanos(static_cast<int32_t>(now_us % 1'000'000 * 1000));
  receipt.set_nonce(record.fetch.nonce());
  v1::DocumentReceipt unsigned_receipt;
  unsigned_receipt.set_paper_id(row.paper_id());
  unsigned_receipt.set_receipt(receipt.SerializeAsString());
  return unsigned_receipt;
}

absl::StatusOr<v1::DocumentOutcome> Outcome(const RulesContext& context,
                                            const storage::v1::FetchedPaperRow& row) {
  ABSL_ASSIGN_OR_RETURN(const v1::OuterEntry outer,
                        ReadOuter(context, row.outcome_index_plus_one()));
  v1::DocumentOutcome outcome;
  outcome.set_paper_id(row.paper_id());
  outcome.set_outcome(row.outcome());
  if (row.reason() != v1::REFUSAL_REASON_UNSPECIFIED) {
    std::map<std::string, std::string> facts;
    if (!outer.ground().empty()) facts["ground"] = outer.ground();
    *outcome.mutable_refusal() = MakeRefusal(row.reason(), std::move(facts));
  }
  outcome.set_ledger_index(row.outcome_index_plus_one() - 1);
  *outcome.mutable_time() = outer.time();
  return outcome;
}

}  // namespace

absl::StatusOr<RepeatedFetch> AnswerAgain(const RulesContext& context, const FetchId& fetch,
                                          uint64_t known_size) {
  ABSL_ASSIGN_OR_RETURN(const FetchRecord record,
                        ReadFetchRecord(*context.store, *context.directory, fetch));
  RepeatedFetch answer;
  ABSL_ASSIGN_OR_RETURN(*answer.steps.emplace_back().mutable_started(), Started(record));
  for (const storage::v1::FetchedPaperRow& row : record.fetch.papers()) {
    if (row.outcome() == v1::OUTCOME_SENT || row.outcome() == v1::OUTCOME_NO_RECORD) {
      ABSL_ASSIGN_OR_RETURN(*answer.steps.emplace_back().mutable_receipt(),
                            Receipt(context, record, row, known_size));
    }
    ABSL_ASSIGN_OR_RETURN(*answer.steps.emplace_back().mutable_outcome(), Outcome(context, row));
  }
  ABSL_ASSIGN_OR_RETURN(*answer.steps.emplace_back().mutable_summary(),
                        Summary(context, record.fetch));
  return answer;
}

absl::StatusOr<v1::FetchSummary> SummaryAgain(const RulesContext& context, const FetchId& fetch) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<storage::v1::FetchRow> row,
                        ReadFetchRow(*context.store, fetch));
  if (!row.has_value()) return DataDamaged("the row of an admitted fetch is missing");
  return Summary(context, *row);
}

}  // namespace naru
