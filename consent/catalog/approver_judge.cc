#include "consent/catalog/approver_judge.h"

#include <cstdint>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/catalog/policy_rows.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

using storage::v1::ApprovalRow;
using storage::v1::PolicyRow;

}  // namespace

absl::StatusOr<ApproverJudge::Judged> ApproverJudge::Suspend() {
  ABSL_ASSIGN_OR_RETURN(const bool repeat, AnswerRepeat());
  if (repeat) return std::move(judged_);
  ABSL_ASSIGN_OR_RETURN(const std::optional<ApprovalRow> row,
                        ReadApproval(rows_, call_.approval_id));
  if (row.has_value() && row->suspended()) {
    Refuse(v1::ENTRY_KIND_REFUSED, v1::REFUSAL_REASON_STATE_CONFLICT);
    return std::move(judged_);
  }
  const int64_t now_us = absl::ToUnixMicros(context_.now);
  ApprovalRow suspended;
  suspended.set_suspended(true);
  suspended.set_since_us(now_us);
  suspended.set_ground(call_.ground);
  WriteApproval(suspended.SerializeAsString());
  judged_.state.set_suspended(true);
  judged_.state.mutable_since()->set_seconds(now_us / 1'000'000);
  judged_.state.mutable_since()->set_nanos(static_cast<int32_t>(now_us % 1'000'000 * 1000));
  ABSL_RETURN_IF_ERROR(ChangePolicy(v1::ENTRY_KIND_APPROVAL_SUSPENDED));
  return std::move(judged_);
}

absl::StatusOr<ApproverJudge::Judged> ApproverJudge::Lift() {
  ABSL_ASSIGN_OR_RETURN(const bool repeat, AnswerRepeat());
  if (repeat) return std::move(judged_);
  ABSL_ASSIGN_OR_RETURN(std::optional<ApprovalRow> row, ReadApproval(rows_, call_.approval_id));
  if (!row.has_value() || !row->suspended()) {
    Refuse(v1::ENTRY_KIND_REFUSED, v1::REFUSAL_REASON_STATE_CONFLICT);
  } else if (row->lift_proposed_by() == call_.official_hash) {
    Refuse(v1::ENTRY_KIND_REFUSED, v1::REFUSAL_REASON_SECOND_PERSON_NEEDED);
  } else if (row->lift_proposed_by().empty()) {
    row->set_lift_proposed_by(call_.official_hash);
    WriteApproval(row->SerializeAsString());
    Refuse(v1::ENTRY_KIND_APPROVAL_LIFT_PROPOSED, v1::REFUSAL_REASON_SECOND_PERSON_NEEDED);
  } else {
    WriteApproval(std::nullopt);
    ABSL_RETURN_IF_ERROR(ChangePolicy(v1::ENTRY_KIND_APPROVAL_LIFTED));
  }
  return std::move(judged_);
}

absl::StatusOr<bool> ApproverJudge::AnswerRepeat() {
  judged_ = Judged();
  ABSL_ASSIGN_OR_RETURN(const auto earlier, CheckRequest(rows_, call_.identity, context_.now));
  if (!earlier.has_value()) {
    if (catalogue_->ApprovalById(call_.approval_id) == nullptr) return NotFound("approval");
    judged_.state.set_approval_id(call_.approval_id);
    return false;
  }
  ABSL_ASSIGN_OR_RETURN(const v1::OuterEntry entry,
                        ReadPolicyEntry(rows_, earlier->ledger_index()));
  judged_.state.set_approval_id(entry.reference());
  judged_.state.set_suspended(entry.kind() == v1::ENTRY_KIND_APPROVAL_SUSPENDED);
  if (judged_.state.suspended()) *judged_.state.mutable_since() = entry.time();
  judged_.state.set_generation(entry.policy_generation());
  judged_.state.set_ledger_index(earlier->ledger_index());
  return true;
}

void ApproverJudge::WriteApproval(std::optional<std::string> value) {
  judged_.verdict.writes.push_back(
      {Table::kMeta, keys::Approval(call_.approval_id), std::move(value)});
}

EntryDraft& ApproverJudge::AddEntry(v1::EntryKind kind) {
  EntryDraft& entry = judged_.verdict.entries.emplace_back();
  const config::v1::UseApproval& approval = *catalogue_->ApprovalById(call_.approval_id);
  entry.outer.set_kind(kind);
  entry.outer.set_caller(call_.caller.text());
  entry.outer.set_requester(approval.agency());
  entry.outer.set_affair(approval.affair());
  entry.outer.set_reference(approval.id());
  entry.outer.set_ground(call_.ground);
  entry.outer.set_request_sha256(call_.identity.EntryDigest());
  storage::v1::Details details;
  details.mutable_case_()->set_official_id(call_.official);
  entry.details = details.SerializeAsString();
  entry.data_key = call_.details_key;
  return entry;
}

void ApproverJudge::Refuse(v1::EntryKind kind, v1::RefusalReason reason) {
  AddEntry(kind).outer.set_refusal_reason(reason);
  judged_.refusal = MakeRefusal(reason);
}

absl::Status ApproverJudge::ChangePolicy(v1::EntryKind kind) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                        rows_.Get(Table::kMeta, keys::Policy()));
  PolicyRow policy;
  if (!value.has_value() || !policy.ParseFromString(*value)) {
    return DataDamaged("the policy row cannot be read");
  }
  ABSL_ASSIGN_OR_RETURN(SuspendedApprovals suspended, ReadSuspendedApprovals(rows_));
  suspended.erase(call_.approval_id);
  if (kind == v1::ENTRY_KIND_APPROVAL_SUSPENDED) suspended[call_.approval_id] = context_.now;
  policy.set_generation(policy.generation() + 1);
  policy.set_sha256(PolicyDigest(catalogue_->sha256(), suspended));
  judged_.verdict.writes.push_back({Table::kMeta, keys::Policy(), policy.SerializeAsString()});
  judged_.verdict.writes.push_back(
      RememberRequest(call_.identity, context_.next_index, context_.now, ""));
  AddEntry(kind).outer.set_policy_generation(policy.generation());
  judged_.state.set_generation(policy.generation());
  judged_.state.set_ledger_index(context_.next_index);
  return absl::OkStatus();
}

}  // namespace naru
