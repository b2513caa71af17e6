#include "tests/support/crossed_streams.h"

#include <array>
#include <optional>
#include <utility>

namespace naru {

// Two documents that are crossed: sides 0 and 1.
class CrossedStreams::Crossing {
 public:
  explicit Crossing(CrossedStreams* streams) : streams_(streams) {}

  struct Delivery {
    std::shared_ptr<HolderStream::Observer> to;
    holder::v1::BodyChunk chunk;
  };

  // A chunk came for the side: both go out, exchanged, once there is one for each.
  void Take(int side, std::shared_ptr<HolderStream::Observer> to, holder::v1::BodyChunk chunk) {
    std::optional<Delivery> mine;
    std::optional<Delivery> others;
    {
      absl::MutexLock lock(&mu_);
      if (ended_[1 - side]) {
        mine = Delivery{std::move(to), std::move(chunk)};
      } else if (!waiting_[1 - side].has_value()) {
        waiting_[side] = Delivery{std::move(to), std::move(chunk)};
      } else {
        others = std::exchange(waiting_[1 - side], std::nullopt);
        mine = Delivery{std::move(to), std::move(chunk)};
        std::swap(*mine->chunk.mutable_data(), *others->chunk.mutable_data());
        absl::MutexLock count(&streams_->mu_);
        streams_->crossed_ += 2;
      }
    }
    Deliver(std::move(mine));
    Deliver(std::move(others));
  }

  // The side has no more chunks.
  void End(int side) {
    std::optional<Delivery> others;
    {
      absl::MutexLock lock(&mu_);
      ended_[side] = true;
      waiting_[side].reset();
      others = std::exchange(waiting_[1 - side], std::nullopt);
    }
    Deliver(std::move(others));
  }

 private:
  static void Deliver(std::optional<Delivery> delivery) {
    if (delivery.has_value()) delivery->to->OnChunk(std::move(delivery->chunk));
  }

  CrossedStreams* const streams_;
  absl::Mutex mu_;
  std::array<std::optional<Delivery>, 2> waiting_ ABSL_GUARDED_BY(mu_);
  std::array<bool, 2> ended_ ABSL_GUARDED_BY(mu_) = {false, false};
};

class CrossedStreams::Observer : public HolderStream::Observer {
 public:
  Observer(std::shared_ptr<Crossing> crossing, int side,
           std::shared_ptr<HolderStream::Observer> observer)
      : crossing_(std::move(crossing)), side_(side), observer_(std::move(observer)) {}

  void OnAnswer(holder::v1::DocumentAnswer answer) override {
    observer_->OnAnswer(std::move(answer));
  }
  void OnChunk(holder::v1::BodyChunk chunk) override {
    crossing_->Take(side_, observer_, std::move(chunk));
  }
  void OnEnd(absl::Status status) override {
    crossing_->End(side_);
    observer_->OnEnd(std::move(status));
  }

 private:
  const std::shared_ptr<Crossing> crossing_;
  const int side_;
  const std::shared_ptr<HolderStream::Observer> observer_;
};

class CrossedStreams::Stream : public HolderStream {
 public:
  Stream(std::shared_ptr<Crossing> crossing, int side, std::shared_ptr<HolderStream> stream)
      : crossing_(std::move(crossing)), side_(side), stream_(std::move(stream)) {}

  void Start(const holder::v1::DocumentRequest& request,
             std::shared_ptr<HolderStream::Observer> observer) override {
    stream_->Start(
        request, std::make_shared<CrossedStreams::Observer>(crossing_, side_, std::move(observer)));
  }
  void Proceed(const v1::LedgerProof& proof) override { stream_->Proceed(proof); }
  void ReadNext() override { stream_->ReadNext(); }
  void Cancel() override { stream_->Cancel(); }

 private:
  const std::shared_ptr<Crossing> crossing_;
  const int side_;
  const std::shared_ptr<HolderStream> stream_;
};

absl::StatusOr<std::shared_ptr<HolderStream>> CrossedStreams::Open(const std::string& holder) {
  auto stream = holders_->Open(holder);
  if (!stream.ok()) return stream;
  absl::MutexLock lock(&mu_);
  if (to_cross_ == 0) return stream;
  if (crossing_ == nullptr) crossing_ = std::make_shared<Crossing>(this);
  const int side = 2 - to_cross_;
  auto crossed = std::make_shared<Stream>(crossing_, side, *std::move(stream));
  if (--to_cross_ == 0) crossing_ = nullptr;
  return crossed;
}

void CrossedStreams::CrossNextTwo() {
  absl::MutexLock lock(&mu_);
  to_cross_ = 2;
}

int CrossedStreams::crossed() const {
  absl::MutexLock lock(&mu_);
  return crossed_;
}

}  // namespace naru
