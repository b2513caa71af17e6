#include "broker/watch.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/errors.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/base/strand.h"
#include "broker/stream_writer.h"
#include "google/protobuf/util/time_util.h"

namespace naru {
namespace {

using Writer = StreamWriter<v1::WatchConsentResponse>;

bool IsFinal(v1::ConsentState state) {
  return state == v1::CONSENT_STATE_DENIED || state == v1::CONSENT_STATE_EXPIRED ||
         state == v1::CONSENT_STATE_CANCELLED || state == v1::CONSENT_STATE_WITHDRAWN;
}

}  // namespace

// One watch; every event runs on its strand.
class ConsentWatches::OneWatch : public std::enable_shared_from_this<OneWatch> {
 public:
  OneWatch(ConsentWatches* owner, Caller caller, std::string consent_id,
           std::shared_ptr<Writer> writer)
      : owner_(owner),
        options_(owner->options_),
        caller_(std::move(caller)),
        consent_id_(std::move(consent_id)),
        writer_(std::move(writer)),
        strand_(MakeStrand(options_.executor)) {}

  void Start() {
    auto self = shared_from_this();
    writer_->Listen({[self](bool) { self->On(&OneWatch::Written); },
                     [self] { self->On(&OneWatch::Gone); }, [self] { self->On(&OneWatch::Done); }});
    On(&OneWatch::Begin);
  }

 private:
  void On(void (OneWatch::*event)()) {
    strand_->Run([self = shared_from_this(), event] { (self.get()->*event)(); });
  }

  void Begin() {
    if (over_) return;
    auto id = ConsentId::Parse(consent_id_);
    if (!id.ok()) return End(NotFound("consent"));
    // Subscribed before the first read, so that no change falls between.
    subscription_ = options_.events->Subscribe(*id, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->On(&OneWatch::Changed);
    });
    Changed();
  }

  void Changed() {
    changed_ = true;
    if (!writing_) Send();
  }

  void Written() {
    writing_ = false;
    if (changed_) Send();
  }

  // Sends the newest state; a consent that a reader missed states of is still told its newest.
  void Send() {
    if (over_) return;
    changed_ = false;
    auto consent = options_.book->ForRequester(caller_, consent_id_);
    if (!consent.ok()) return End(consent.status());
    if (sent_final_) return;
    v1::WatchConsentResponse response;
    *response.mutable_consent() = *std::move(consent);
    const bool final = IsFinal(response.consent().state());
    WatchExpiry(response.consent());
    writing_ = writer_->Write(std::move(response));
    if (final && writing_) {
      sent_final_ = true;
      End(absl::OkStatus());
      return;
    }
    ArmHeartbeat();
  }

  // Expiry is true without an event: look again when it comes.
  void WatchExpiry(const v1::Consent& consent) {
    options_.timer->Cancel(expiry_);
    const bool pending = consent.state() == v1::CONSENT_STATE_PENDING;
    const auto& end = pending ? consent.decide_until() : consent.valid_until();
    const absl::Time when =
        absl::FromUnixMicros(google::protobuf::util::TimeUtil::TimestampToMicroseconds(end));
    const absl::Duration wait = when - options_.clock->Now();
    if (IsFinal(consent.state()) || wait <= absl::ZeroDuration()) return;
    expiry_ = options_.timer->After(wait + absl::Milliseconds(1), [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->On(&OneWatch::Changed);
    });
  }

  void ArmHeartbeat() {
    options_.timer->Cancel(heartbeat_);
    heartbeat_ = options_.timer->After(limits::kHeartbeat, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->On(&OneWatch::Heartbeat);
    });
  }

  void Heartbeat() {
    if (over_) return;
    if (!writing_) {
      v1::WatchConsentResponse response;
      *response.mutable_heartbeat() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
          absl::ToUnixMicros(options_.clock->Now()));
      writing_ = writer_->Write(std::move(response));
    }
    ArmHeartbeat();
  }

  void Gone() { End(absl::CancelledError("the reader is gone")); }

  void End(const absl::Status& status) {
    if (over_) return;
    over_ = true;
    options_.timer->Cancel(heartbeat_);
    options_.timer->Cancel(expiry_);
    if (subscription_ != 0) options_.events->Unsubscribe(subscription_);
    writer_->Finish(ToGrpcStatus(status));
  }

  void Done() {
    End(absl::OkStatus());
    owner_->open_.fetch_sub(1);
    options_.metrics->watches().Decrement();
  }

  ConsentWatches* const owner_;
  const Options& options_;
  const Caller caller_;
  const std::string consent_id_;
  const std::shared_ptr<Writer> writer_;
  const std::shared_ptr<Strand> strand_;
  // On the strand alone:
  ConsentEvents::Token subscription_ = 0;
  Timer::Token heartbeat_ = 0;
  Timer::Token expiry_ = 0;
  bool changed_ = false;
  bool writing_ = false;
  bool sent_final_ = false;
  bool over_ = false;
};

grpc::ServerWriteReactor<v1::WatchConsentResponse>* ConsentWatches::Watch(
    absl::StatusOr<Caller> caller, const std::string& consent_id) {
  auto writer = Writer::Create();
  writer->HoldForRpc();
  if (caller.ok() && open_.fetch_add(1) >= options_.max_watches) {
    open_.fetch_sub(1);
    caller = Overloaded("watches", absl::Seconds(1));
  }
  if (!caller.ok()) {
    writer->Finish(ToGrpcStatus(caller.status()));
    return writer->reactor();
  }
  options_.metrics->watches().Increment();
  std::make_shared<OneWatch>(this, *std::move(caller), consent_id, writer)->Start();
  return writer->reactor();
}

}  // namespace naru
