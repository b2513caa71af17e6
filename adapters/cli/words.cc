#include "adapters/cli/words.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace naru::cli {
namespace {

// By the name on the wire, without its prefix.
using Table = std::map<absl::string_view, Words>;

const Table& States() {
  static const auto* const table = new Table{
      {"PENDING", {"결정 기다림", "waits for the citizen"}},
      {"GRANTED", {"동의", "agreed"}},
      {"DENIED", {"미동의", "not agreed"}},
      {"EXPIRED", {"기간 지남", "expired"}},
      {"CANCELLED", {"요청 취소", "cancelled"}},
      {"SUSPENDED", {"일시 중지", "suspended"}},
      {"EXHAUSTED", {"횟수 모두 사용", "all uses taken"}},
      {"WITHDRAWN", {"철회", "withdrawn"}},
  };
  return *table;
}

const Table& Decisions() {
  static const auto* const table = new Table{
      {"UNSPECIFIED", {"결정 전", "not decided"}},
      {"AGREED", {"동의", "agreed"}},
      {"REFUSED", {"미동의", "not agreed"}},
      {"WITHDRAWN", {"철회", "withdrawn"}},
  };
  return *table;
}

const Table& Results() {
  static const auto* const table = new Table{
      {"DELIVERED", {"받음, 확인 완료", "delivered, every check passed"}},
      {"NO_RECORD", {"해당 없음", "nothing on file"}},
      {"DECLINED", {"제공 거절", "declined by the holder"}},
      {"DEFERRED", {"지연", "comes later"}},
      {"NOT_PERMITTED", {"제공 불가", "not permitted"}},
      {"FAILED", {"오류 (재시도 가능)", "failed, may be fetched again"}},
      {"REPEATED", {"이미 처리한 요청", "fetched before; no body"}},
      {"INTERRUPTED", {"끊김 (재시도 가능)", "interrupted, may be fetched again"}},
      {"TOO_LARGE", {"한도를 넘는 크기", "larger than allowed here"}},
      {"MISMATCH", {"폐기 (본인·서류·증명 불일치)", "discarded: not the asked one, or not proven"}},
  };
  return *table;
}

const Table& Menders() {
  static const auto* const table = new Table{
      {"CITIZEN", {"민원인", "the citizen"}},
      {"REQUESTER", {"이용기관", "the requesting agency"}},
      {"HOLDER", {"보유기관", "the holding agency"}},
      {"APPROVER", {"승인기관", "the approving authority"}},
      {"OPERATOR", {"중계 운영자", "the broker's operator"}},
      {"NOBODY", {"없음 (최종)", "nobody; final"}},
  };
  return *table;
}

const Table& Reasons() {
  static const auto* const table = new Table{
      {"NO_CONSENT", {"동의가 없습니다", "no consent"}},
      {"CONSENT_PENDING", {"민원인이 아직 결정하지 않았습니다", "not decided yet"}},
      {"CONSENT_DENIED", {"동의하지 않았습니다", "not agreed to"}},
      {"CONSENT_EXPIRED", {"동의 기간이 지났습니다", "the consent expired"}},
      {"CONSENT_WITHDRAWN", {"동의를 철회했습니다", "the consent was withdrawn"}},
      {"CONSENT_SUSPENDED", {"동의가 일시 중지되었습니다", "the consent is suspended"}},
      {"CONSENT_CANCELLED", {"요청이 취소되었습니다", "the request was cancelled"}},
      {"CONSENT_EXHAUSTED", {"확인 횟수를 모두 썼습니다", "all uses are taken"}},
      {"CONSENT_NOT_YET_VALID", {"동의 기간이 시작되지 않았습니다", "not valid yet"}},
      {"STATE_CONFLICT", {"지금 상태에서는 할 수 없습니다", "not possible in this state"}},
      {"NO_USE_APPROVAL", {"이용 승인이 없습니다", "no use approval"}},
      {"APPROVAL_SUSPENDED", {"이용 승인이 정지되었습니다", "the use approval is suspended"}},
      {"KIND_NOT_IN_AFFAIR",
       {"이 사무에 없는 구비서류입니다", "the affair does not need this kind"}},
      {"CATALOGUE_CHANGED",
       {"업무 목록이 바뀌었습니다. 다시 해 주세요", "the catalogue changed; repeat"}},
      {"CATALOGUE_INVALID", {"업무 목록이 바르지 않습니다", "the catalogue is not valid"}},
      {"CATALOGUE_SIGNATURES_MISSING",
       {"두 사람의 서명이 필요합니다", "two valid signatures are needed"}},
      {"CATALOGUE_REMOVES_USED",
       {"쓰고 있는 것은 지울 수 없습니다", "what is in use cannot be removed"}},
      {"KIND_NOT_PUBLIC", {"동의가 필요한 구비서류입니다", "the kind takes a consent"}},
      {"CODE_WRONG", {"인증번호가 맞지 않습니다", "the code is wrong"}},
      {"CODE_LOCKED", {"인증번호가 잠겼습니다", "too many wrong codes"}},
      {"CODE_EXPIRED", {"인증번호 시간이 지났습니다", "the code is no longer valid"}},
      {"CODE_RESENDS_EXHAUSTED", {"인증번호를 더 보낼 수 없습니다", "no more codes can be sent"}},
      {"NO_CONTACT", {"인증번호를 보낼 연락처가 없습니다", "no contact that a code may go to"}},
      {"ASSERTION_INVALID", {"본인 확인이 유효하지 않습니다", "the assertion is not valid"}},
      {"ASSERTION_OTHER_PERSON",
       {"다른 사람의 본인 확인입니다", "the assertion is of another person"}},
      {"ASSERTION_OTHER_ACTION",
       {"다른 일에 쓰는 본인 확인입니다", "the assertion is for another action"}},
      {"ASSERTION_REUSED", {"이미 쓴 본인 확인입니다", "the assertion was used before"}},
      {"TEXT_MISMATCH", {"민원인이 본 동의 내용과 다릅니다", "not the text the citizen saw"}},
      {"EVIDENCE_NOT_ENOUGH", {"더 확실한 본인 확인이 필요합니다", "a stronger proof is needed"}},
      {"LINK_UNKNOWN", {"없는 요청입니다", "unknown link"}},
      {"PERSON_MISMATCH", {"동의한 사람과 다릅니다", "not the person of the consent"}},
      {"HOLDER_TIMEOUT",
       {"보유기관이 제때 답하지 않았습니다", "the holder did not answer in time"}},
      {"HOLDER_UNAVAILABLE", {"보유기관에 연결할 수 없습니다", "the holder cannot be reached"}},
      {"HOLDER_FAULT", {"보유기관의 답이 규약에 맞지 않습니다", "the holder broke the protocol"}},
      {"SUBJECT_MISMATCH", {"격리했습니다 (본인 불일치)", "quarantined: another person or thing"}},
      {"HOLDER_SIGNATURE_INVALID",
       {"보유기관의 서명이 유효하지 않습니다", "the holder's signature is not valid"}},
      {"DOCUMENT_TOO_LARGE", {"서류가 한도보다 큽니다", "the document is too large"}},
      {"FIELD_NOT_APPROVED", {"승인되지 않은 항목이 있습니다", "a field that is not approved"}},
      {"NOT_ENTITLED", {"기록에 민원인의 이름이 없습니다", "the record does not name the person"}},
      {"HOLDER_DECLINED", {"보유기관이 법에 따라 거절했습니다", "declined on a ground of law"}},
      {"REQUESTER_GONE", {"받는 쪽의 연결이 끊겼습니다", "the requester went away"}},
      {"INTERRUPTED", {"중간에 끊겼습니다", "interrupted"}},
      {"SECOND_PERSON_NEEDED",
       {"다른 한 사람의 확인이 필요합니다", "a second person must confirm"}},
      {"BUNDLE_INCOMPLETE",
       {"함께 받아야 할 다른 서류를 받지 못했습니다", "another paper of the bundle is missing"}},
      {"DOCUMENT_CHANGED", {"서류가 그사이 바뀌었습니다", "the document changed meanwhile"}},
      {"RESUME_EXPIRED", {"이어받을 수 있는 시간이 지났습니다", "too late to resume"}},
      {"HOLDER_DEFERRED", {"보유기관이 나중에 보냅니다", "the holder will have it later"}},
  };
  return *table;
}

const Table& Entries() {
  static const auto* const table = new Table{
      {"CONSENT_OPENED", {"동의 요청", "consent asked for"}},
      {"CODE_SENT", {"인증번호 보냄", "code sent"}},
      {"CODE_ATTEMPTED", {"인증번호 입력", "code tried"}},
      {"CONSENT_DECIDED", {"동의 결정", "consent decided"}},
      {"CONSENT_WITHDRAWN", {"동의 철회", "consent withdrawn"}},
      {"CONSENT_SUSPENDED", {"동의 일시 중지", "consent suspended"}},
      {"CONSENT_RESUMED", {"동의 다시 시작", "consent resumed"}},
      {"CONSENT_CANCELLED", {"요청 취소", "request cancelled"}},
      {"CONSENT_EXPIRED", {"동의 기간 지남", "consent expired"}},
      {"DOCUMENT_RELEASED", {"서류 제공", "document released"}},
      {"NO_RECORD_RELEASED", {"해당 없음 제공", "\"nothing on file\" released"}},
      {"DOCUMENT_OUTCOME", {"처리 결과", "outcome"}},
      {"QUARANTINED", {"격리", "quarantined"}},
      {"REFUSED", {"거절", "refused"}},
      {"CONSENT_CHECKED", {"동의 확인", "consent checked"}},
      {"CHECKS", {"동의 확인 (시스템)", "consents checked by a system"}},
      {"HISTORY_READ", {"이용기록 열람", "history read"}},
      {"PERSON_LOOKED_UP", {"민원인 조회", "person looked up"}},
      {"APPROVAL_SUSPENDED", {"이용 승인 정지", "use approval suspended"}},
      {"APPROVAL_LIFT_PROPOSED", {"정지 해제 제안", "lifting proposed"}},
      {"APPROVAL_LIFTED", {"정지 해제", "suspension lifted"}},
      {"CATALOGUE_APPLIED", {"업무 목록 적용", "catalogue applied"}},
      {"KEY_STATE", {"열쇠 상태", "key state"}},
      {"MESSAGE_HANDED_OVER", {"알림 전달", "message handed over"}},
      {"FETCH_ADMITTED", {"서류 확인 시작", "fetch begun"}},
      {"FETCH_ENDED", {"서류 확인 끝", "fetch ended"}},
      {"DOCUMENT_ARRIVED", {"서류 도달", "document arrived"}},
      {"DOCUMENT_MISMATCHED", {"서류 불일치", "document did not match"}},
      {"DOCUMENT_RESUMED", {"서류 이어받기", "document resumed"}},
      {"CONSENT_GRANTED", {"사전동의", "consent granted beforehand"}},
      {"CONSENTS_LISTED", {"동의 목록 열람", "consents listed"}},
  };
  return *table;
}

std::string Look(const Table& table, absl::string_view name, absl::string_view prefix,
                 Language language) {
  absl::ConsumePrefix(&name, prefix);
  const auto found = table.find(name);
  if (found == table.end()) return std::string(name);
  return absl::StrCat(found->second.in(language), " (", name, ")");
}

template <typename Enum>
std::string LookUp(const Table& table, Enum value, const std::string& wire_name,
                   absl::string_view prefix, Language language) {
  if (wire_name.empty()) return absl::StrCat(static_cast<int>(value));
  return Look(table, wire_name, prefix, language);
}

}  // namespace

std::string StateText(v1::ConsentState state, Language language) {
  return LookUp(States(), state, v1::ConsentState_Name(state), "CONSENT_STATE_", language);
}

std::string DecisionText(v1::Decision decision, Language language) {
  return LookUp(Decisions(), decision, v1::Decision_Name(decision), "DECISION_", language);
}

std::string ResultText(client::DocumentResult result, Language language) {
  return Look(Results(), client::ResultName(result), "", language);
}

std::string ReasonText(v1::RefusalReason reason, Language language) {
  return LookUp(Reasons(), reason, v1::RefusalReason_Name(reason), "REFUSAL_REASON_", language);
}

std::string MenderText(v1::Mender mender, Language language) {
  return LookUp(Menders(), mender, v1::Mender_Name(mender), "MENDER_", language);
}

std::string EntryText(v1::EntryKind kind, Language language) {
  return LookUp(Entries(), kind, v1::EntryKind_Name(kind), "ENTRY_KIND_", language);
}

}  // namespace naru::cli
