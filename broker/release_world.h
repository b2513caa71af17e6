#ifndef NARU_BROKER_RELEASE_WORLD_H_
#define NARU_BROKER_RELEASE_WORLD_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/fake_executor.h"
#include "broker/base/random.h"
#include "broker/fetch_release.h"
#include "broker/proof/document_header.h"
#include "broker/release_fakes.h"
#include "broker/release_parts.h"
#include "consent/consent_events.h"
#include "consent/release_book.h"
#include "naru/holder/v1/holder_service.pb.h"

namespace naru {

// One fetch with everything around it in memory, which a test moves on: nothing happens but by the
// executor and the timer. Every paper has a holder of its own, "holder-0" and so on, that answers
// honestly unless its script is changed. For one thread.
class ReleaseWorld {
 public:
  // What a holder can do.
  enum class Behaviour {
    kHonest,
    kNoRecord,
    kNotEntitled,
    kForbiddenByLaw,
    kDeferred,
    // Wrong papers (P3): each must be quarantined, and no byte of it reach the requester ...
    kOtherPersonsAnswer,
    kOtherNonce,
    kOtherRelease,
    kOtherKind,
    // ... the right header over another's body, from the first or the last chunk on.
    kOtherPersonsBody,
    kAlteredLastChunk,
    kWrongChunkOrder,
    kTooManyChunks,
    // Faults.
    kBadSignature,
    kUnapprovedField,
    kOversized,
    kGarbageHeader,
    kTooFewChunks,
    kChunkBeforeProceed,
    kKnowsAnotherLedger,
    kDiesInTheMiddle,
    kDiesBeforeAnswer,
    kUnreachable,
    kNeverAnswers,
    kNeverSendsBody,
    kNeverEnds,
  };
  static constexpr int kBehaviours = static_cast<int>(Behaviour::kNeverEnds) + 1;

  // How a paper must end when nothing else happens.
  struct Expected {
    v1::Outcome outcome;
    v1::RefusalReason reason;
    bool quarantined;
  };
  static Expected ExpectedOf(Behaviour behaviour);

  // `papers` is at most limits::kPapersPerConsent.
  explicit ReleaseWorld(size_t papers, uint64_t seed = 1);
  ~ReleaseWorld();

  static std::string HolderOf(size_t paper);
  // The body that the paper's person is owed.
  const std::string& BodyOf(size_t paper) const { return bodies_[paper]; }
  // Call before Behave.
  void SetBodyBytes(size_t paper, size_t bytes);
  // Writes the script of the paper's holder.
  void Behave(size_t paper, Behaviour behaviour);
  HolderScript& script(size_t paper) { return holders.scripts()[HolderOf(paper)]; }

  void Start();
  // Until nothing more happens at this time.
  void Settle() { executor.RunAll(); }
  // The same at every moment of `time`.
  void Pass(absl::Duration time);
  // Until the fetch is over, or `most` has passed.
  void PassUntilOver(absl::Duration most = absl::Hours(1));

  // The message of this outcome that the requester has; empty when it has none.
  std::vector<v1::DocumentOutcome> OutcomesOf(size_t paper) const;
  // The body that reached the requester.
  std::string BodyTaken(size_t paper) const;

  // Hands closures of the timer over without running any: the test says when.
  class Queue : public Executor {
   public:
    explicit Queue(ManualExecutor* executor) : executor_(executor) {}
    void Run(std::function<void()> work) override { executor_->Run(std::move(work)); }

   private:
    ManualExecutor* const executor_;
  };

  SimulatedClock clock;
  ManualExecutor executor;
  Queue queue{&executor};
  SimulatedTimer timer{&clock, &queue};
  ConsentEvents events{&executor};
  FakeReleaseRecord record{&clock, &executor};
  FakeHolderStreams holders{&timer, &executor};
  std::shared_ptr<FakeSink> sink = std::make_shared<FakeSink>(&executor);
  AdmittedFetch fetch;
  ReleaseParts parts;
  int over = 0;
  // Does not keep the fetch alive.
  std::weak_ptr<FetchRelease> release;

 private:
  ExpectedHeader Request(size_t paper) const;
  void Answer(size_t paper, const holder::v1::DocumentHeader& header);
  void SetChunks(size_t paper, const std::string& body);

  FakeRandom random_;
  std::vector<std::string> bodies_;
};

}  // namespace naru

#endif  // NARU_BROKER_RELEASE_WORLD_H_
