#include "consent/consent_receipt.h"

#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/proof/crypto.h"
#include "consent/consent_machine.h"
#include "consent/consent_view.h"

namespace naru {
namespace {

using receipt::v1::ConsentReceipt;

const char* DecisionWord(v1::Decision decision) {
  switch (decision) {
    case v1::DECISION_AGREED:
      return "agreed";
    case v1::DECISION_WITHDRAWN:
      return "withdrawn";
    default:
      return "refused";
  }
}

const char* StateWord(v1::ConsentState state) {
  switch (state) {
    case v1::CONSENT_STATE_GRANTED:
      return "given";
    case v1::CONSENT_STATE_SUSPENDED:
      return "suspended";
    case v1::CONSENT_STATE_EXHAUSTED:
      return "exhausted";
    case v1::CONSENT_STATE_WITHDRAWN:
      return "withdrawn";
    case v1::CONSENT_STATE_EXPIRED:
      return "expired";
    default:
      return "refused";
  }
}

void AddPapers(const StoredConsent& consent, const Catalogue& catalogue,
               receipt::v1::Purpose* purpose, std::set<std::string>* holders) {
  for (const storage::v1::PaperRow& paper : consent.row.papers()) {
    receipt::v1::PiiInformation& information = *purpose->add_pii_information();
    information.set_pii_type(paper.kind());
    information.set_decision(DecisionWord(paper.decision()));
    const config::v1::DocumentKind* const kind = catalogue.FindKind(paper.kind());
    if (kind == nullptr) continue;
    information.set_pii_name(kind->name_ko());
    information.set_source(kind->holder());
    information.set_sensitive(kind->sensitive());
    holders->insert(kind->holder());
  }
}

void AddParty(const Catalogue& catalogue, const std::string& code, const char* role,
              ConsentReceipt* receipt) {
  receipt::v1::Party& party = *receipt->add_party_identification();
  party.set_party_id(code);
  party.set_party_role(role);
  const config::v1::Agency* const agency = catalogue.FindAgency(code);
  if (agency == nullptr) return;
  party.set_party_name(agency->name_ko());
  party.set_party_contact(agency->duty_contact());
}

void AddEvents(const StoredConsent& consent, absl::Time now, ConsentReceipt* receipt) {
  const storage::v1::ConsentRow& row = consent.row;
  receipt::v1::ConsentEvent& decided = *receipt->add_event();
  *decided.mutable_event_time() = ToTimestamp(absl::FromUnixMicros(row.decide_time_us()));
  decided.set_event_type(row.evidence() == v1::EVIDENCE_KIND_CODE ? "code" : "assertion");
  const bool refused = row.state() == v1::CONSENT_STATE_DENIED;
  decided.set_event_state(refused ? "refused" : "given");
  if (!refused) {
    const int64_t seconds = (row.valid_until_us() - row.valid_from_us()) / 1'000'000;
    decided.set_validity_duration(absl::StrCat("PT", seconds, "S"));
  }
  const v1::ConsentState state = EffectiveState(row, now);
  if (state == v1::CONSENT_STATE_GRANTED || state == v1::CONSENT_STATE_DENIED) return;
  // When a later change was made is in the ledger; the receipt says what is true now.
  receipt::v1::ConsentEvent& present = *receipt->add_event();
  *present.mutable_event_time() = ToTimestamp(
      state == v1::CONSENT_STATE_EXPIRED ? absl::FromUnixMicros(row.valid_until_us()) : now);
  present.set_event_state(StateWord(state));
}

}  // namespace

ConsentReceipt MakeConsentReceipt(const StoredConsent& consent, const Catalogue& catalogue,
                                  absl::Time now) {
  const storage::v1::ConsentRow& row = consent.row;
  ConsentReceipt receipt;
  receipt.set_schema_version("ISO/IEC TS 27560:2023");
  receipt.set_record_id(consent.id.text());
  receipt.set_receipt_id(absl::StrCat(consent.id.text(), ":", row.last_entry()));
  receipt.set_pii_principal_id(
      absl::WebSafeBase64Escape(crypto::Sha256({"naru-receipt-principal-v1", consent.id.bytes()})));
  *receipt.mutable_receipt_time() = ToTimestamp(now);

  receipt::v1::PiiProcessing& processing = *receipt.mutable_pii_processing();
  processing.mutable_privacy_notice()->set_version(row.text_version());
  processing.mutable_privacy_notice()->set_sha256(absl::BytesToHexString(row.text_sha256()));
  processing.set_language(row.language());
  receipt::v1::Purpose& purpose = *processing.add_purposes();
  purpose.set_purpose_type(row.affair());
  if (const config::v1::Affair* const affair = catalogue.FindAffair(row.affair())) {
    purpose.set_purpose(affair->purpose_ko());
    purpose.set_lawful_basis(affair->legal_basis());
  }
  std::set<std::string> holders;
  AddPapers(consent, catalogue, &purpose, &holders);
  purpose.add_pii_controllers(row.requester());
  purpose.add_recipients(row.requester());
  purpose.set_retention_period(absl::StrCat("P", row.retention_days(), "D"));
  purpose.set_withdrawal_method("naru.v1.ConsentService/WithdrawConsent");
  purpose.set_jurisdiction("KR");
  purpose.set_uses_left(row.uses_left());

  AddParty(catalogue, row.requester(), "pii_controller", &receipt);
  for (const std::string& holder : holders) AddParty(catalogue, holder, "pii_source", &receipt);
  AddEvents(consent, now, &receipt);
  return receipt;
}

}  // namespace naru
