#include "adapters/notify/notifier.h"

#include <glog/logging.h>
#include <grpcpp/client_context.h>

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "adapters/notify/message_form.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"

namespace naru {

void Notifier::Run() {
  absl::Duration wait = absl::ZeroDuration();
  while (!Wait(wait)) {
    const absl::Status status = Follow(absl::InfiniteDuration());
    wait = status.ok() ? absl::ZeroDuration() : parts_.backoff->Next();
    // The code alone: a text of the broker's is not ours to keep.
    if (!status.ok()) {
      parts_.metrics->FeedFailed();
      LOG(WARNING) << "the feed stands still: " << absl::StatusCodeToString(status.code())
                   << "; again in " << wait;
    }
  }
}

absl::Status Notifier::Drain(absl::Duration quiet) { return Follow(quiet); }

void Notifier::Stop() {
  absl::MutexLock lock(&mu_);
  stopped_ = true;
  if (feed_ != nullptr) feed_->Cancel();
}

absl::Status Notifier::Follow(absl::Duration quiet) {
  const uint64_t cursor = look_back_ ? 0 : parts_.cursor->cursor();
  look_back_ = false;
  FeedReader feed(parts_.broker, cursor);
  if (!Register(&feed)) return absl::OkStatus();
  const auto forget = absl::MakeCleanup([this] { Register(nullptr); });
  return CarryFrom(feed, cursor == 0, quiet);
}

absl::Status Notifier::CarryFrom(FeedReader& feed, bool from_beginning, absl::Duration quiet) {
  while (true) {
    const FeedReader::Events events = feed.Take(quiet);
    if (!events.messages.empty()) ABSL_RETURN_IF_ERROR(Carry(events.messages));
    if (events.ended) {
      if (Wait(absl::ZeroDuration())) return absl::OkStatus();
      const absl::Status status = feed.status();
      return status.ok() ? absl::UnavailableError("the feed ended") : status;
    }
    if (!events.messages.empty() || events.heartbeat) {
      parts_.backoff->Reset();
      parts_.metrics->FeedSeen(parts_.clock->Now());
    } else {
      return absl::OkStatus();  // Quiet.
    }
    // Nothing is behind the cursor that was not acknowledged, unless the broker's ledger is another
    // or was restored: then its messages would be passed over for ever. While nothing else is to do
    // a look at the beginning costs nothing.
    if (events.heartbeat && !from_beginning) {
      look_back_ = true;
      return absl::OkStatus();
    }
  }
}

absl::Status Notifier::Carry(const std::vector<v1::Message>& messages) {
  absl::Status failure;
  std::vector<uint64_t> handed_over;
  const v1::Message* last = nullptr;
  for (const v1::Message& message : messages) {
    // An expired message was not handed over and is not acknowledged; the broker forgets it.
    if (IsExpired(message, parts_.clock->Now())) {
      parts_.metrics->Expired();
    } else {
      failure = HandOver(message);
      if (!failure.ok()) break;
      handed_over.push_back(message.cursor());
    }
    last = &message;
  }
  if (!handed_over.empty()) ABSL_RETURN_IF_ERROR(Acknowledge(handed_over));
  if (last != nullptr) ABSL_RETURN_IF_ERROR(parts_.cursor->Set(last->cursor()));
  return failure;
}

absl::Status Notifier::HandOver(const v1::Message& message) {
  absl::Status status = CheckMessage(message);
  if (status.ok()) status = parts_.gateway->HandOver(message);
  if (status.ok()) parts_.metrics->HandedOver();
  if (!absl::IsInvalidArgument(status)) return status;
  ABSL_RETURN_IF_ERROR(parts_.dead_letters->Keep(message, status));
  parts_.metrics->Dead();
  return absl::OkStatus();
}

absl::Status Notifier::Acknowledge(const std::vector<uint64_t>& cursors) {
  grpc::ClientContext context;
  context.set_deadline(DeadlineAfter(limits::kAcknowledge));
  v1::AcknowledgeMessagesRequest request;
  request.mutable_cursors()->Add(cursors.begin(), cursors.end());
  v1::AcknowledgeMessagesResponse response;
  return FromGrpcStatus(parts_.broker->AcknowledgeMessages(&context, request, &response));
}

bool Notifier::Register(FeedReader* feed) {
  absl::MutexLock lock(&mu_);
  feed_ = feed;
  return !stopped_;
}

bool Notifier::Wait(absl::Duration time) {
  absl::MutexLock lock(&mu_);
  return mu_.AwaitWithTimeout(absl::Condition(&stopped_), time);
}

}  // namespace naru
