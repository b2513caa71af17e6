#include "broker/agency_watch.h"

#include <deque>
#include <set>
#include <utility>
#include <vector>

#include "broker/base/errors.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/base/strand.h"
#include "broker/stream_writer.h"
#include "consent/consent_machine.h"
#include "consent/consent_rows.h"
#include "consent/history_page.h"
#include "consent/ledger/ledger.h"
#include "consent/official_look.h"
#include "google/protobuf/util/time_util.h"

namespace naru {
namespace {

// A stream of responses that hold an event each.
template <typename Response>
class StreamSink : public WatchSink {
 public:
  using Writer = StreamWriter<Response>;
  explicit StreamSink(std::shared_ptr<Writer> writer) : writer_(std::move(writer)) {}

  void Listen(std::function<void(bool)> written, std::function<void()> gone,
              std::function<void()> done) override {
    writer_->Listen({std::move(written), std::move(gone), std::move(done)});
  }
  bool Write(v1::WatchEvent event) override {
    Response response;
    *response.mutable_event() = std::move(event);
    return writer_->Write(std::move(response));
  }
  void Finish(const absl::Status& status) override { writer_->Finish(ToGrpcStatus(status)); }

 private:
  const std::shared_ptr<Writer> writer_;
};

}  // namespace

// One watch; every event runs on its strand. First the state, page by page, then the entries.
class AgencyWatches::OneWatch : public std::enable_shared_from_this<OneWatch> {
 public:
  OneWatch(AgencyWatches* owner, uint64_t id, Question question, std::shared_ptr<WatchSink> sink)
      : owner_(owner),
        options_(owner->options_),
        id_(id),
        question_(std::move(question)),
        agency_(question_.caller.agency),
        sink_(std::move(sink)),
        strand_(MakeStrand(options_.executor)),
        cursor_(question_.cursor) {}

  void Begin() {
    auto self = shared_from_this();
    sink_->Listen([self](bool) { self->On(&OneWatch::Written); },
                  [self] { self->On(&OneWatch::Gone); }, [self] { self->On(&OneWatch::Done); });
    On(&OneWatch::FirstLook);
  }

  void Wake() { On(&OneWatch::Fill); }

 private:
  void On(void (OneWatch::*event)()) {
    strand_->Run([self = shared_from_this(), event] { (self.get()->*event)(); });
  }

  void FirstLook() {
    const uint64_t size = options_.ledger->head().size;
    if (cursor_ > size) {
      return End(FieldMalformed("cursor", "the cursor of an event of this ledger"));
    }
    if (question_.one_case) {
      auto consents = options_.lists->OfCase(agency_, question_.case_context.case_number());
      if (!consents.ok()) return End(consents.status());
      for (const ConsentId& consent : *consents) case_consents_.insert(consent.text());
      if (cursor_ == 0) case_states_.assign(consents->begin(), consents->end());
    }
    state_left_ = cursor_ == 0;
    // What happens from here on comes as entries behind the state.
    if (state_left_) {
      cursor_ = size;
    } else {
      EnterIfOfficial({});
    }
    ArmHeartbeat();
    Fill();
  }

  // Sends what is ready, or gets more ready. Does nothing while a message is under way.
  void Fill() {
    if (over_ || writing_ || looking_) return;
    if (ready_.empty()) {
      const absl::Status status = state_left_ ? NextStates() : NextEntries();
      if (!status.ok()) return End(status);
    }
    if (!looking_) SendNext();
  }

  void SendNext() {
    if (ready_.empty()) return;
    writing_ = sink_->Write(std::move(ready_.front()));
    ready_.pop_front();
    ArmHeartbeat();
  }

  absl::Status NextStates() {
    std::vector<SubjectId> subjects;
    if (question_.one_case) {
      ABSL_RETURN_IF_ERROR(CaseStates(&subjects));
    } else {
      ABSL_ASSIGN_OR_RETURN(ConsentLists::LivePage page,
                            options_.lists->Live(agency_, live_token_));
      for (v1::Consent& consent : page.consents) AddState(std::move(consent));
      live_token_ = std::move(page.next);
      subjects = std::move(page.subjects);
      state_left_ = !live_token_.empty();
    }
    if (!state_left_) {
      v1::WatchEvent event;
      event.mutable_caught_up()->set_consents(states_sent_);
      Add(std::move(event), cursor_);
    }
    EnterIfOfficial(std::move(subjects));
    return absl::OkStatus();
  }

  absl::Status CaseStates(std::vector<SubjectId>* subjects) {
    for (const ConsentId& id : case_states_) {
      ABSL_ASSIGN_OR_RETURN(std::optional<v1::Consent> consent, options_.lists->Show(agency_, id));
      if (!consent.has_value() || IsFinal(consent->state())) continue;
      ABSL_ASSIGN_OR_RETURN(const std::optional<SubjectId> subject,
                            SubjectOfConsent(*options_.rules->store, id));
      if (subject.has_value()) subjects->push_back(*subject);
      AddState(*std::move(consent));
    }
    case_states_.clear();
    state_left_ = false;
    return absl::OkStatus();
  }

  void AddState(v1::Consent consent) {
    ++states_sent_;
    v1::WatchEvent event;
    *event.mutable_state() = std::move(consent);
    Add(std::move(event), cursor_);
  }

  void Add(v1::WatchEvent event, uint64_t cursor) {
    event.set_cursor(cursor);
    ready_.push_back(std::move(event));
  }

  // A named official's look is entered before anything of it is shown.
  void EnterIfOfficial(std::vector<SubjectId> subjects) {
    if (!question_.caller.Has(config::v1::ROLE_COUNTER)) return;
    std::set<SubjectId> once(subjects.begin(), subjects.end());
    looking_ = true;
    EnterLook(options_.rules,
              {v1::ENTRY_KIND_CONSENTS_LISTED, question_.caller, question_.case_context,
               std::vector<SubjectId>(once.begin(), once.end())},
              [self = shared_from_this()](const absl::Status& status) {
                self->strand_->Run([self, status] {
                  self->looking_ = false;
                  if (!status.ok()) return self->End(status);
                  self->Fill();
                });
              });
  }

  // One bounded step through the ledger. When it found nothing but is not at the end, it goes on
  // behind what else waits on the executor.
  absl::Status NextEntries() {
    ABSL_ASSIGN_OR_RETURN(const EntryWindow::Found found, owner_->window_.Find(agency_, cursor_));
    AgencyEntries entries(options_.rules, agency_);
    for (const uint64_t index : found.indexes) {
      ABSL_ASSIGN_OR_RETURN(std::optional<v1::HistoryEntry> entry, entries.Read(index));
      if (!entry.has_value() || !IsWatched(*entry)) continue;
      v1::WatchEvent event;
      *event.mutable_entry() = *std::move(entry);
      Add(std::move(event), index + 1);
    }
    const bool more = found.next > cursor_;
    cursor_ = found.next;
    if (more && ready_.empty()) On(&OneWatch::Fill);
    return absl::OkStatus();
  }

  // Of a watched case: the entry says so, or says nothing and is about one of its consents.
  bool IsWatched(const v1::HistoryEntry& entry) {
    if (!question_.one_case) return true;
    const std::string& consent = entry.entry().consent_id();
    const std::string& number = entry.case_().case_number();
    if (number == question_.case_context.case_number()) {
      if (!consent.empty() && case_consents_.size() < limits::kConsentsOfCase) {
        case_consents_.insert(consent);
      }
      return true;
    }
    return number.empty() && case_consents_.count(consent) != 0;
  }

  void Written() {
    writing_ = false;
    Fill();
  }

  void ArmHeartbeat() {
    options_.timer->Cancel(heartbeat_);
    heartbeat_ = options_.timer->After(limits::kHeartbeat, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->On(&OneWatch::Heartbeat);
    });
  }

  void Heartbeat() {
    if (over_) return;
    if (!writing_ && ready_.empty()) {
      v1::WatchEvent event;
      *event.mutable_heartbeat() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
          absl::ToUnixMicros(options_.clock->Now()));
      Add(std::move(event), cursor_);
      SendNext();
      return;
    }
    ArmHeartbeat();
  }

  void Gone() { End(absl::CancelledError("the reader is gone")); }

  void End(const absl::Status& status) {
    if (over_) return;
    over_ = true;
    options_.timer->Cancel(heartbeat_);
    ready_.clear();
    sink_->Finish(status);
  }

  void Done() {
    End(absl::OkStatus());
    owner_->Forget(id_);
    options_.metrics->watches().Decrement();
  }

  AgencyWatches* const owner_;
  const Options& options_;
  const uint64_t id_;
  const Question question_;
  const std::string& agency_;
  const std::shared_ptr<WatchSink> sink_;
  const std::shared_ptr<Strand> strand_;
  // On the strand alone:
  uint64_t cursor_;
  bool state_left_ = false;
  std::string live_token_;
  std::vector<ConsentId> case_states_;
  std::set<std::string> case_consents_;
  uint64_t states_sent_ = 0;
  std::deque<v1::WatchEvent> ready_;
  Timer::Token heartbeat_ = 0;
  bool writing_ = false;
  bool looking_ = false;  // A look is being entered.
  bool over_ = false;
};

AgencyWatches::AgencyWatches(Options options)
    : options_(options), window_(options.ledger, limits::kWatchWindow) {}

grpc::ServerWriteReactor<v1::WatchAgencyResponse>* AgencyWatches::WatchAgency(
    absl::StatusOr<Caller> caller, const v1::WatchAgencyRequest& request) {
  auto writer = StreamWriter<v1::WatchAgencyResponse>::Create();
  writer->HoldForRpc();
  Start(std::move(caller), {{}, request.case_(), false, request.cursor()},
        std::make_shared<StreamSink<v1::WatchAgencyResponse>>(writer));
  return writer->reactor();
}

grpc::ServerWriteReactor<v1::WatchCaseResponse>* AgencyWatches::WatchCase(
    absl::StatusOr<Caller> caller, const v1::WatchCaseRequest& request) {
  auto writer = StreamWriter<v1::WatchCaseResponse>::Create();
  writer->HoldForRpc();
  Start(std::move(caller), {{}, request.case_(), true, request.cursor()},
        std::make_shared<StreamSink<v1::WatchCaseResponse>>(writer));
  return writer->reactor();
}

void AgencyWatches::Start(absl::StatusOr<Caller> caller, Question question,
                          std::shared_ptr<WatchSink> sink) {
  if (!caller.ok()) return sink->Finish(caller.status());
  question.caller = *std::move(caller);
  std::shared_ptr<OneWatch> watch;
  {
    absl::MutexLock lock(&mu_);
    if (watches_.size() < static_cast<size_t>(options_.max_watches)) {
      watch = std::make_shared<OneWatch>(this, next_, std::move(question), sink);
      watches_[next_++] = watch;
    }
  }
  if (watch == nullptr) return sink->Finish(Overloaded("watches", absl::Seconds(1)));
  options_.metrics->watches().Increment();
  watch->Begin();
}

void AgencyWatches::Forget(uint64_t id) {
  absl::MutexLock lock(&mu_);
  watches_.erase(id);
}

void AgencyWatches::Wake() {
  std::vector<std::shared_ptr<OneWatch>> watches;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& [id, weak] : watches_) {
      if (auto watch = weak.lock()) watches.push_back(std::move(watch));
    }
  }
  for (const auto& watch : watches) watch->Wake();
}

}  // namespace naru
