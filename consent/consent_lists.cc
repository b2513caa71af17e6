#include "consent/consent_lists.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/base64.h"
#include "consent/assertion_evidence.h"
#include "consent/consent_machine.h"
#include "consent/consent_rows.h"
#include "consent/consent_view.h"
#include "consent/history_page.h"
#include "consent/official_look.h"
#include "consent/person_directory.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

using States = std::set<v1::ConsentState>;

template <typename Request>
States WantedStates(const Request& request) {
  States wanted;
  for (const int state : request.states()) wanted.insert(static_cast<v1::ConsentState>(state));
  return wanted;
}

int PageSize(int32_t asked) { return asked == 0 ? limits::kPageDefault : asked; }

// Where a page ended: the consent, and what its index key needs beside it.
struct Place {
  bool final = false;
  int64_t open_time_us = 0;
  ConsentId consent;
};

constexpr size_t kPlaceBytes = 1 + 8 + ConsentId::kBytes;

std::string TokenOf(const Place& place) {
  std::string bytes(1, place.final ? 1 : 0);
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<uint64_t>(place.open_time_us) >> shift & 0xff));
  }
  bytes += place.consent.bytes();
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<std::optional<Place>> PlaceOf(absl::string_view token) {
  if (token.empty()) return std::optional<Place>();
  const std::optional<std::string> bytes = DecodeBase64Url(token);
  if (bytes.has_value() && bytes->size() == kPlaceBytes) {
    Place place;
    place.final = (*bytes)[0] != 0;
    uint64_t time = 0;
    for (size_t i = 1; i <= 8; ++i) time = time << 8 | static_cast<uint8_t>((*bytes)[i]);
    place.open_time_us = static_cast<int64_t>(time);
    absl::StatusOr<ConsentId> consent = ConsentId::FromBytes(bytes->substr(9));
    if (consent.ok()) {
      place.consent = *std::move(consent);
      return std::optional<Place>(std::move(place));
    }
  }
  return FieldMalformed("page_token", "the next_page_token of an answer");
}

// An agency's consents in order of the index, a bounded step at a time.
class AgencyScan {
 public:
  AgencyScan(const RulesContext& context, std::string agency, bool live_only)
      : context_(context), agency_(std::move(agency)), live_only_(live_only) {}

  void StartAfter(const Place& place) {
    shard_ = place.consent.shard();
    final_ = place.final;
    after_ = keys::AgencyConsent(agency_, place.final, place.open_time_us, place.consent) + '\0';
  }

  bool AtEnd() const { return shard_ >= kShards; }

  // The next places, at most `limit`; none when the present range had none, which is then left.
  absl::StatusOr<std::vector<Place>> Next(int limit) {
    const auto range = keys::AgencyConsents(shard_, agency_, final_);
    ABSL_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                          context_.store->Scan(Table::kRows, after_.empty() ? range.first : after_,
                                               range.second, limit));
    std::vector<Place> places;
    for (const Row& row : rows) {
      places.push_back({final_, keys::OpenTimeOfKey(row.key), keys::ConsentOfAgencyKey(row.key)});
      if (places.back().consent.empty()) return DataDamaged("an index row of a consent");
    }
    if (static_cast<int>(rows.size()) < limit) {
      LeaveRange();
    } else {
      after_ = rows.back().key + '\0';
    }
    return places;
  }

 private:
  void LeaveRange() {
    after_.clear();
    if (!final_ && !live_only_) {
      final_ = true;
      return;
    }
    final_ = false;
    ++shard_;
  }

  const RulesContext& context_;
  const std::string agency_;
  const bool live_only_;
  uint16_t shard_ = 0;
  bool final_ = false;
  std::string after_;
};

struct ReadPage {
  v1::ConsentPage page;
  std::vector<SubjectId> subjects;  // Without repeats.
};

void Add(const StoredConsent& consent, ConsentViewer viewer, absl::Time now, ReadPage* read) {
  *read->page.add_consents() = ShowConsent(consent, viewer, now);
  if (std::find(read->subjects.begin(), read->subjects.end(), consent.subject) ==
      read->subjects.end()) {
    read->subjects.push_back(consent.subject);
  }
}

// A page of the agency's consents of these states and that affair; none and empty mean all.
absl::StatusOr<ReadPage> ReadAgencyPage(const RulesContext& context, const std::string& agency,
                                        const std::string& affair, const States& states, int size,
                                        const std::optional<Place>& after, bool live_only) {
  AgencyScan scan(context, agency, live_only);
  if (after.has_value()) scan.StartAfter(*after);
  const absl::Time now = context.clock->Now();
  ReadPage read;
  std::optional<Place> last;
  int looked_at = 0;
  while (!scan.AtEnd() && read.page.consents_size() < size && looked_at < limits::kListedRows) {
    ABSL_ASSIGN_OR_RETURN(const std::vector<Place> places,
                          scan.Next(size - read.page.consents_size()));
    for (const Place& place : places) {
      ++looked_at;
      last = place;
      ABSL_ASSIGN_OR_RETURN(const std::optional<StoredConsent> consent,
                            ReadConsent(*context.directory, *context.store, place.consent));
      if (!consent.has_value()) continue;  // Its person was erased.
      if (!affair.empty() && consent->row.affair() != affair) continue;
      const v1::ConsentState state = EffectiveState(consent->row, now);
      if (live_only && IsFinal(state)) continue;
      if (!states.empty() && states.count(state) == 0) continue;
      Add(*consent, ConsentViewer::kRequester, now, &read);
    }
  }
  if (!scan.AtEnd() && last.has_value()) read.page.set_next_page_token(TokenOf(*last));
  return read;
}

// The person's consents, newest first. Keys alone are read: they say when each was opened.
absl::StatusOr<std::vector<Place>> PersonPlaces(const RulesContext& context,
                                                const SubjectId& subject) {
  const auto range = keys::PersonConsentsAll(subject);
  ABSL_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                        context.store->Scan(Table::kRows, range.first, range.second, kScanRows));
  std::vector<Place> places;
  for (const Row& row : rows) {
    Place place{false, keys::OpenTimeOfKey(row.key), keys::ConsentOfPersonKey(row.key)};
    if (place.consent.empty()) return DataDamaged("an index row of a consent");
    places.push_back(std::move(place));
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    if (a.open_time_us != b.open_time_us) return a.open_time_us > b.open_time_us;
    return a.consent < b.consent;
  });
  return places;
}

// Whether `place` comes behind `after` in a person's list.
bool IsBehind(const Place& place, const Place& after) {
  if (place.open_time_us != after.open_time_us) return place.open_time_us < after.open_time_us;
  return after.consent < place.consent;
}

absl::StatusOr<v1::ConsentPage> ReadPersonPage(const RulesContext& context,
                                               const SubjectId& subject, const States& states,
                                               int size, const std::optional<Place>& after) {
  ABSL_ASSIGN_OR_RETURN(const std::vector<Place> places, PersonPlaces(context, subject));
  const absl::Time now = context.clock->Now();
  ReadPage read;
  const Place* last = nullptr;
  for (const Place& place : places) {
    if (after.has_value() && !IsBehind(place, *after)) continue;
    if (read.page.consents_size() == size) {
      read.page.set_next_page_token(TokenOf(*last));
      break;
    }
    last = &place;
    ABSL_ASSIGN_OR_RETURN(const std::optional<StoredConsent> consent,
                          ReadConsent(*context.directory, *context.store, place.consent));
    if (!consent.has_value()) continue;
    if (!states.empty() && states.count(EffectiveState(consent->row, now)) == 0) continue;
    Add(*consent, ConsentViewer::kCitizen, now, &read);
  }
  return std::move(read.page);
}

// Answers with the page: for a named official once the look is durable.
template <typename Response>
void AnswerPage(const RulesContext* context, const Caller& caller,
                const v1::CaseContext& case_context, ReadPage read,
                ConsentLists::Done<Response> done) {
  Response response;
  *response.mutable_page() = std::move(read.page);
  if (!caller.Has(config::v1::ROLE_COUNTER)) return done(std::move(response));
  EnterLook(context,
            {v1::ENTRY_KIND_CONSENTS_LISTED, caller, case_context, std::move(read.subjects)},
            [response = std::move(response), done = std::move(done)](const absl::Status& status) {
              if (!status.ok()) return done(status);
              done(response);
            });
}

}  // namespace

void ConsentLists::ListPerson(const Caller&, const v1::ListPersonConsentsRequest& request,
                              const Done<v1::ListPersonConsentsResponse>& done) const {
  const auto page = [&]() -> absl::StatusOr<v1::ListPersonConsentsResponse> {
    v1::ListPersonConsentsResponse response;
    ABSL_ASSIGN_OR_RETURN(const std::optional<Place> after, PlaceOf(request.page_token()));
    const AssertionEvidence session(context_, request.session().jws(), "");
    std::optional<SubjectId> subject;
    if (!session.lookup().empty()) {
      ABSL_ASSIGN_OR_RETURN(subject,
                            context_->directory->FindSubject(*context_->store, session.lookup()));
    }
    ABSL_ASSIGN_OR_RETURN(const std::optional<v1::RefusalReason> reason,
                          session.Person(*context_->store, context_->clock->Now(),
                                         subject.has_value() ? &*subject : nullptr));
    if (reason == v1::REFUSAL_REASON_ASSERTION_INVALID) {
      *response.mutable_refusal() = MakeRefusal(*reason);
      return response;
    }
    response.mutable_page();
    if (!subject.has_value() || reason.has_value()) return response;  // Nobody we know.
    ABSL_ASSIGN_OR_RETURN(*response.mutable_page(),
                          ReadPersonPage(*context_, *subject, WantedStates(request),
                                         PageSize(request.page_size()), after));
    return response;
  };
  done(page());
}

void ConsentLists::ListAgency(const Caller& caller, const v1::ListAgencyConsentsRequest& request,
                              Done<v1::ListAgencyConsentsResponse> done) const {
  const absl::StatusOr<std::optional<Place>> after = PlaceOf(request.page_token());
  if (!after.ok()) return done(after.status());
  absl::StatusOr<ReadPage> read =
      ReadAgencyPage(*context_, caller.agency, request.affair(), WantedStates(request),
                     PageSize(request.page_size()), *after, /*live_only=*/false);
  if (!read.ok()) return done(std::move(read).status());
  AnswerPage(context_, caller, request.case_(), *std::move(read), std::move(done));
}

void ConsentLists::ListCase(const Caller& caller, const v1::ListCaseConsentsRequest& request,
                            Done<v1::ListCaseConsentsResponse> done) const {
  const auto page = [&]() -> absl::StatusOr<ReadPage> {
    ABSL_ASSIGN_OR_RETURN(const std::optional<Place> after, PlaceOf(request.page_token()));
    ABSL_ASSIGN_OR_RETURN(const std::vector<ConsentId> ids,
                          OfCase(caller.agency, request.case_().case_number()));
    // A consent that the page before ended with is looked for by its id: the order may have moved.
    auto next = ids.begin();
    if (after.has_value()) {
      next = std::find(ids.begin(), ids.end(), after->consent);
      if (next != ids.end()) ++next;
    }
    const absl::Time now = context_->clock->Now();
    const int size = PageSize(request.page_size());
    ReadPage read;
    for (; next != ids.end() && read.page.consents_size() < size; ++next) {
      ABSL_ASSIGN_OR_RETURN(const std::optional<StoredConsent> consent,
                            ReadConsent(*context_->directory, *context_->store, *next));
      if (consent.has_value()) Add(*consent, ConsentViewer::kRequester, now, &read);
    }
    if (next != ids.end() && next != ids.begin()) {
      read.page.set_next_page_token(TokenOf(Place{false, 0, *std::prev(next)}));
    }
    return read;
  };
  absl::StatusOr<ReadPage> read = page();
  if (!read.ok()) return done(std::move(read).status());
  AnswerPage(context_, caller, request.case_(), *std::move(read), std::move(done));
}

absl::StatusOr<ConsentLists::LivePage> ConsentLists::Live(const std::string& agency,
                                                          absl::string_view token) const {
  ABSL_ASSIGN_OR_RETURN(const std::optional<Place> after, PlaceOf(token));
  ABSL_ASSIGN_OR_RETURN(ReadPage read,
                        ReadAgencyPage(*context_, agency, "", {}, limits::kPageDefault, after,
                                       /*live_only=*/true));
  LivePage page;
  page.next = read.page.next_page_token();
  page.subjects = std::move(read.subjects);
  for (v1::Consent& consent : *read.page.mutable_consents()) {
    page.consents.push_back(std::move(consent));
  }
  return page;
}

absl::StatusOr<std::vector<ConsentId>> ConsentLists::OfCase(const std::string& agency,
                                                            absl::string_view case_number) const {
  const std::string case_hash = context_->directory->CaseHash(agency, case_number);
  PageQuestion question;
  question.size = limits::kCaseEntriesLookedAt;
  ABSL_ASSIGN_OR_RETURN(const std::vector<uint64_t> indexes,
                        ListCaseIndexes(*context_, case_hash, question));
  std::vector<ConsentId> ids;
  AgencyEntries entries(context_, agency);
  for (const uint64_t index : indexes) {
    ABSL_ASSIGN_OR_RETURN(const std::optional<v1::HistoryEntry> entry, entries.Read(index));
    if (!entry.has_value()) continue;
    const absl::StatusOr<ConsentId> id = ConsentId::Parse(entry->entry().consent_id());
    if (!id.ok() || std::find(ids.begin(), ids.end(), *id) != ids.end()) continue;
    // An entry may name a consent that was asked about and is another agency's (P10).
    ABSL_ASSIGN_OR_RETURN(const std::optional<storage::v1::CheckRow> check,
                          ReadCheckRow(*context_->store, *id));
    if (!check.has_value() || check->requester() != agency) continue;
    ids.push_back(*id);
    if (ids.size() == limits::kConsentsOfCase) break;
  }
  return ids;
}

absl::StatusOr<std::optional<v1::Consent>> ConsentLists::Show(const std::string& agency,
                                                              const ConsentId& consent) const {
  ABSL_ASSIGN_OR_RETURN(const std::optional<StoredConsent> stored,
                        ReadConsent(*context_->directory, *context_->store, consent));
  if (!stored.has_value() || stored->row.requester() != agency) {
    return std::optional<v1::Consent>();
  }
  return std::optional<v1::Consent>(
      ShowConsent(*stored, ConsentViewer::kRequester, context_->clock->Now()));
}

}  // namespace naru
