#include "broker/fair_writer.h"

#include <utility>

namespace naru {

void FairWriter::Offer(size_t lane, v1::FetchDocumentsResponse step,
                       std::function<void()> written) {
  if (closed_) return;
  lanes_[lane].push_back({std::move(step), std::move(written)});
  if (!writing_) WriteNext();
}

void FairWriter::Drop(size_t lane) { lanes_[lane].clear(); }

void FairWriter::WhenDrained(std::function<void()> drained) {
  drained_ = std::move(drained);
  if (!writing_) WriteNext();
}

void FairWriter::Close() {
  closed_ = true;
  writing_ = false;
  written_ = nullptr;
  drained_ = nullptr;
  for (std::deque<Step>& lane : lanes_) lane.clear();
}

void FairWriter::StepWritten() {
  if (!writing_) return;
  writing_ = false;
  if (const std::function<void()> written = std::exchange(written_, nullptr)) written();
  if (!writing_) WriteNext();
}

void FairWriter::WriteNext() {
  if (closed_) return;
  for (size_t i = 0; i < lanes_.size(); ++i) {
    std::deque<Step>& lane = lanes_[(turn_ + i) % lanes_.size()];
    if (lane.empty()) continue;
    turn_ = (turn_ + i + 1) % lanes_.size();
    Step step = std::move(lane.front());
    lane.pop_front();
    writing_ = true;
    written_ = std::move(step.written);
    sink_->Write(std::move(step.message));
    return;
  }
  if (const std::function<void()> drained = std::exchange(drained_, nullptr)) drained();
}

}  // namespace naru
