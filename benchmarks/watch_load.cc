#include <glog/logging.h>
#include <grpcpp/support/client_callback.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "benchmarks/bench_site.h"
#include "benchmarks/loads.h"
#include "broker/base/clock.h"
#include "broker/base/limits.h"

namespace naru {
namespace {

constexpr int kConsents = 2000;
constexpr absl::Duration kPatience = absl::Seconds(30);

// Resident memory of a process, in bytes.
double MemoryOf(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  std::string line;
  while (std::getline(status, line)) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    double kib = 0;
    if (absl::StartsWith(line, "VmRSS:") && words.size() > 1 &&
        absl::SimpleAtod(absl::StripAsciiWhitespace(words[words.size() - 2]), &kib)) {
      return kib * 1024;
    }
  }
  LOG(FATAL) << "no memory of process " << pid;
}

// Who watches one consent, and since when how many of them have seen the awaited state.
class Watched {
 public:
  void Add() {
    absl::MutexLock lock(&mu_);
    ++watchers_;
  }
  void Saw(v1::ConsentState state) {
    absl::MutexLock lock(&mu_);
    (state == v1::CONSENT_STATE_GRANTED ? granted_ : withdrawn_) += 1;
    last_ = Clock::Real()->Monotonic();
  }
  // When the last of them saw it; the infinite future when one did not in time.
  absl::Duration Await(v1::ConsentState state) {
    absl::MutexLock lock(&mu_);
    const int& seen = state == v1::CONSENT_STATE_GRANTED ? granted_ : withdrawn_;
    const auto all = [this, &seen] {
      mu_.AssertReaderHeld();
      return seen >= watchers_;
    };
    if (!mu_.AwaitWithTimeout(absl::Condition(&all), kPatience)) return absl::InfiniteDuration();
    return last_;
  }

 private:
  absl::Mutex mu_;
  int watchers_ ABSL_GUARDED_BY(mu_) = 0;
  int granted_ ABSL_GUARDED_BY(mu_) = 0;
  int withdrawn_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Duration last_ ABSL_GUARDED_BY(mu_);
};

// One stream; deletes itself at its end.
class Watch final : public grpc::ClientReadReactor<v1::WatchConsentResponse> {
 public:
  Watch(v1::ConsentService::Stub& stub, const std::string& consent_id, Watched* watched)
      : watched_(watched) {
    watched_->Add();
    request_.set_consent_id(consent_id);
    context_.set_wait_for_ready(true);
    stub.async()->WatchConsent(&context_, &request_, this);
    StartRead(&event_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (event_.has_consent()) watched_->Saw(event_.consent().state());
    StartRead(&event_);
  }
  void OnDone(const grpc::Status& status) override {
    LOG_IF(ERROR, !status.ok() && status.error_code() != grpc::StatusCode::UNAVAILABLE)
        << "a watch ended: " << status.error_message();
    delete this;
  }

 private:
  Watched* const watched_;
  grpc::ClientContext context_;
  v1::WatchConsentRequest request_;
  v1::WatchConsentResponse event_;
};

}  // namespace

void WatchLoad(const std::string& directory, int streams) {
  auto bench = std::make_unique<BenchSite>(BenchSite::Options{directory});
  const std::vector<BenchSite::Known> consents = bench->Granted(kConsents, kAbstract);
  const int connections = streams / (limits::kStreamsPerConnection - 24) + 1;
  std::vector<std::unique_ptr<v1::ConsentService::Stub>> stubs;
  for (const auto& channel :
       bench->Channels(kSystemParty, connections, bench->broker().grpc_address())) {
    stubs.push_back(v1::ConsentService::NewStub(channel));
  }
  std::vector<Watched> watched(consents.size());

  const double before = MemoryOf(bench->broker().pid());
  const absl::Duration start = Clock::Real()->Monotonic();
  for (int i = 0; i < streams; ++i) {
    const size_t on = static_cast<size_t>(i) % consents.size();
    new Watch(*stubs[static_cast<size_t>(i) % stubs.size()], consents[on].consent.consent_id(),
              &watched[on]);
  }
  for (Watched& each : watched) {
    CHECK(each.Await(v1::CONSENT_STATE_GRANTED) != absl::InfiniteDuration()) << "no first state";
  }
  const absl::Duration opened = Clock::Real()->Monotonic() - start;
  const double after = MemoryOf(bench->broker().pid());

  size_t next = 0;
  RoundHandlers handlers;
  handlers.round = [&](const std::string&, absl::Duration length) {
    Round round;
    const absl::Duration begin = Clock::Real()->Monotonic();
    while (Clock::Real()->Monotonic() - begin < length && next < consents.size()) {
      const BenchSite::Known& known = consents[next];
      const absl::Duration called = Clock::Real()->Monotonic();
      CHECK(bench->clients().Withdraw(known.consent, PersonOf(known.person)).ok());
      const absl::Duration seen = watched[next++].Await(v1::CONSENT_STATE_WITHDRAWN);
      round.latencies.Add(seen - called);
      ++round.operations;
      if (seen == absl::InfiniteDuration()) ++round.errors;
    }
    round.took = Clock::Real()->Monotonic() - begin;
    round.more["streams"] = streams;
    round.more["bytes_per_stream"] = (after - before) / streams;
    round.more["broker_bytes"] = after;
    round.more["open_seconds"] = absl::ToDoubleSeconds(opened);
    return round;
  };
  ServeRounds(bench->Ready(), handlers);
  // The streams end with the broker; the process ends with them.
  bench->broker().Kill();
  std::quick_exit(0);
}

}  // namespace naru
