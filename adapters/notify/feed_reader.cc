#include "adapters/notify/feed_reader.h"

#include <utility>

#include "broker/base/grpc/grpc_status.h"
#include "broker/base/limits.h"

namespace naru {

FeedReader::FeedReader(v1::MessageService::Stub* stub, uint64_t cursor) {
  request_.set_cursor(cursor);
  stub->async()->FollowMessages(&context_, &request_, this);
  // Reads may begin outside of gRPC's callbacks.
  AddHold();
  StartRead(&incoming_);
  StartCall();
}

FeedReader::~FeedReader() {
  context_.TryCancel();
  bool release = false;
  {
    absl::MutexLock lock(&mu_);
    // Else OnReadDone lets go.
    release = !reading_ && !closing_;
    closing_ = true;
  }
  if (release) RemoveHold();
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(&done_));
}

FeedReader::Events FeedReader::Take(absl::Duration wait) {
  Events events;
  bool read_on = false;
  {
    absl::MutexLock lock(&mu_);
    mu_.AwaitWithTimeout(absl::Condition(this, &FeedReader::SomethingCame), wait);
    events.messages = std::exchange(messages_, {});
    events.heartbeat = std::exchange(heartbeat_, false);
    events.ended = done_;
    read_on = !reading_ && !closing_;
    if (read_on) reading_ = true;
  }
  if (read_on) StartRead(&incoming_);
  return events;
}

absl::Status FeedReader::status() const {
  absl::MutexLock lock(&mu_);
  return FromGrpcStatus(status_);
}

void FeedReader::OnReadDone(bool ok) {
  bool read_on = false;
  {
    absl::MutexLock lock(&mu_);
    if (ok && incoming_.has_message()) {
      heartbeat_ = false;
      messages_.push_back(std::move(*incoming_.mutable_message()));
    } else if (ok && incoming_.has_heartbeat()) {
      heartbeat_ = true;
    }
    if (!ok) closing_ = true;
    read_on = !closing_ && messages_.size() < static_cast<size_t>(limits::kMessagesAhead);
    reading_ = read_on;
    if (!read_on && !closing_) return;  // Take reads on.
  }
  if (read_on) {
    incoming_.Clear();
    StartRead(&incoming_);
  } else {
    RemoveHold();
  }
}

void FeedReader::OnDone(const grpc::Status& status) {
  absl::MutexLock lock(&mu_);
  status_ = status;
  done_ = true;
}

bool FeedReader::SomethingCame() const { return !messages_.empty() || heartbeat_ || done_; }

}  // namespace naru
