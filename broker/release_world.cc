#include "broker/release_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/limits.h"
#include "broker/proof/crypto.h"
#include "broker/proof/honest_answer.h"
#include "broker/proof/key_ring.h"
#include "broker/release_messages.h"

namespace naru {
namespace {

using holder::v1::DocumentHeader;

// Of all holders and of the receipts: making keys is slow, and worlds are many.
const crypto::SigningKey& TestKey() {
  static const crypto::SigningKey* const key =
      crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "test-1").release();
  return *key;
}

const crypto::SigningKey& OtherKey() {
  static const crypto::SigningKey* const key =
      crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "test-1").release();
  return *key;
}

// The one key, as the key of every holder that a world can have.
const KeyRing& TestKeys() {
  static const KeyRing* const keys = [] {
    auto ring = std::make_unique<KeyRing>();
    for (size_t i = 0; i < size_t{limits::kPapersPerConsent}; ++i) {
      auto key =
          *crypto::VerifyingKeyFromRaw(TestKey().type(), TestKey().PublicKey(), TestKey().key_id());
      const absl::Status added = ring->Add(ReleaseWorld::HolderOf(i), std::move(key),
                                           absl::InfinitePast(), absl::InfiniteFuture());
      EXPECT_TRUE(added.ok());
    }
    return ring.release();
  }();
  return *keys;
}

}  // namespace

ReleaseWorld::Expected ReleaseWorld::ExpectedOf(Behaviour behaviour) {
  const auto failed = [](v1::RefusalReason reason) {
    return Expected{v1::OUTCOME_FAILED, reason, false};
  };
  switch (behaviour) {
    case Behaviour::kHonest:
      return {v1::OUTCOME_SENT, v1::REFUSAL_REASON_UNSPECIFIED, false};
    case Behaviour::kNoRecord:
      return {v1::OUTCOME_NO_RECORD, v1::REFUSAL_REASON_UNSPECIFIED, false};
    case Behaviour::kNotEntitled:
      return {v1::OUTCOME_DECLINED, v1::REFUSAL_REASON_NOT_ENTITLED, false};
    case Behaviour::kForbiddenByLaw:
      return {v1::OUTCOME_DECLINED, v1::REFUSAL_REASON_HOLDER_DECLINED, false};
    case Behaviour::kDeferred:
      return {v1::OUTCOME_DEFERRED, v1::REFUSAL_REASON_HOLDER_DEFERRED, false};
    case Behaviour::kOtherPersonsAnswer:
    case Behaviour::kOtherNonce:
    case Behaviour::kOtherRelease:
    case Behaviour::kOtherKind:
    case Behaviour::kOtherPersonsBody:
    case Behaviour::kAlteredLastChunk:
    case Behaviour::kWrongChunkOrder:
    case Behaviour::kTooManyChunks:
      return {v1::OUTCOME_FAILED, v1::REFUSAL_REASON_SUBJECT_MISMATCH, true};
    case Behaviour::kBadSignature:
    case Behaviour::kGarbageHeader:
      return failed(v1::REFUSAL_REASON_HOLDER_SIGNATURE_INVALID);
    case Behaviour::kUnapprovedField:
      return failed(v1::REFUSAL_REASON_FIELD_NOT_APPROVED);
    case Behaviour::kOversized:
      return failed(v1::REFUSAL_REASON_DOCUMENT_TOO_LARGE);
    case Behaviour::kTooFewChunks:
    case Behaviour::kChunkBeforeProceed:
    case Behaviour::kKnowsAnotherLedger:
      return failed(v1::REFUSAL_REASON_HOLDER_FAULT);
    case Behaviour::kDiesInTheMiddle:
    case Behaviour::kDiesBeforeAnswer:
    case Behaviour::kUnreachable:
      return failed(v1::REFUSAL_REASON_HOLDER_UNAVAILABLE);
    case Behaviour::kNeverAnswers:
    case Behaviour::kNeverSendsBody:
    case Behaviour::kNeverEnds:
      return failed(v1::REFUSAL_REASON_HOLDER_TIMEOUT);
  }
  return failed(v1::REFUSAL_REASON_UNSPECIFIED);
}

ReleaseWorld::ReleaseWorld(size_t papers, uint64_t seed) : random_(seed), bodies_(papers) {
  fetch.fetch = FetchId::Generate(7, random_);
  fetch.consent = ConsentId::Generate(7, random_);
  fetch.requester = "3210000";
  fetch.caller = "3210000:counter";
  fetch.affair = "AFFAIR";
  fetch.legal_basis = "law";
  fetch.person.set_type(v1::SUBJECT_TYPE_PERSON);
  fetch.person.set_number(std::string(88, 'p'));
  fetch.nonce = random_.Bytes(limits::kNonceBytes);
  fetch.time = clock.Now();
  for (size_t i = 0; i < papers; ++i) {
    SetBodyBytes(i, 2 * limits::kChunkBytes + 100);
    PlannedPaper& paper = fetch.papers.emplace_back();
    paper.paper.set_paper_id(static_cast<uint32_t>(i + 1));
    paper.paper.set_kind(absl::StrCat("KIND_", i));
    *paper.paper.mutable_subject() = fetch.person;
    paper.holder = HolderOf(i);
    paper.release = ReleaseId::Generate(7, random_);
    paper.approved_fields = {"name", "amount"};
    paper.max_size_bytes = 8 * limits::kChunkBytes;
  }
  parts.clock = &clock;
  parts.timer = &timer;
  parts.executor = &executor;
  parts.record = &record;
  parts.holders = &holders;
  parts.events = &events;
  parts.keys = &TestKeys();
  parts.receipt_key = &TestKey();
}

ReleaseWorld::~ReleaseWorld() {
  // A test that failed may leave something running, which points here.
  sink->Leave();
  Settle();
  for (int i = 0; i < 1000 && timer.AdvanceToNext(); ++i) Settle();
}

std::string ReleaseWorld::HolderOf(size_t paper) { return absl::StrCat("holder-", paper); }

void ReleaseWorld::SetBodyBytes(size_t paper, size_t bytes) {
  std::string& body = bodies_[paper];
  body.assign(bytes, static_cast<char>('0' + paper));
  // Chunks differ, so that their order shows.
  for (size_t at = 0, chunk = 0; at < bytes; at += limits::kChunkBytes, ++chunk) {
    body[at] = static_cast<char>('a' + chunk % 26);
  }
}

ExpectedHeader ReleaseWorld::Request(size_t paper) const {
  return ExpectedAnswer(fetch, fetch.papers[paper]);
}

void ReleaseWorld::Answer(size_t paper, const DocumentHeader& header) {
  const v1::SignedHeader signed_header = SignDocumentHeader(header, TestKey());
  holder::v1::DocumentAnswer& answer = script(paper).answer.emplace();
  answer.set_header(signed_header.header());
  *answer.mutable_signature() = signed_header.signature();
  answer.set_known_tree_size(3);
}

void ReleaseWorld::SetChunks(size_t paper, const std::string& body) {
  std::vector<holder::v1::BodyChunk>& chunks = script(paper).chunks;
  chunks.clear();
  for (size_t at = 0; at < body.size(); at += limits::kChunkBytes) {
    holder::v1::BodyChunk& chunk = chunks.emplace_back();
    chunk.set_index(static_cast<uint32_t>(chunks.size() - 1));
    chunk.set_data(body.substr(at, limits::kChunkBytes));
  }
}

void ReleaseWorld::Behave(size_t paper, Behaviour behaviour) {
  ExpectedHeader request = Request(paper);
  std::string body = BodyOf(paper);
  script(paper) = HolderScript();
  switch (behaviour) {
    case Behaviour::kNoRecord:
      Answer(paper, HonestAnswerWithoutDocument(request, holder::v1::ANSWER_STATUS_NO_RECORD));
      return;
    case Behaviour::kDeferred: {
      DocumentHeader header =
          HonestAnswerWithoutDocument(request, holder::v1::ANSWER_STATUS_DEFERRED);
      header.mutable_deferral()->mutable_eta()->set_seconds(absl::ToUnixSeconds(clock.Now()) +
                                                            3600);
      Answer(paper, header);
      return;
    }
    case Behaviour::kNotEntitled:
    case Behaviour::kForbiddenByLaw: {
      DocumentHeader header =
          HonestAnswerWithoutDocument(request, holder::v1::ANSWER_STATUS_DECLINED);
      const bool by_law = behaviour == Behaviour::kForbiddenByLaw;
      header.set_decline_code(by_law ? holder::v1::DECLINE_CODE_FORBIDDEN_BY_LAW
                                     : holder::v1::DECLINE_CODE_NOT_ENTITLED);
      if (by_law) header.set_decline_ground("article 9");
      Answer(paper, header);
      return;
    }
    case Behaviour::kOtherPersonsAnswer:
      request.subject.set_number(std::string(88, 'q'));
      request.person = request.subject;
      body[10] = 'X';
      break;
    case Behaviour::kOtherNonce:
      request.nonce = std::string(limits::kNonceBytes, 'n');
      break;
    case Behaviour::kOtherRelease:
      request.release_id = std::string(32, '0');
      break;
    case Behaviour::kOtherKind:
      request.document_kind = "KIND_OTHER";
      break;
    case Behaviour::kOversized:
      body = std::string(fetch.papers[paper].max_size_bytes + 1, 'o');
      break;
    default:
      break;
  }
  DocumentHeader header = HonestAnswer(request, body, clock.Now());
  if (behaviour == Behaviour::kUnapprovedField) header.add_fields("secret");
  Answer(paper, header);
  SetChunks(paper, body);
  HolderScript& script = this->script(paper);
  switch (behaviour) {
    case Behaviour::kOtherPersonsBody:
      SetChunks(paper, std::string(body.size(), 'X'));
      break;
    case Behaviour::kAlteredLastChunk:
      script.chunks.back().mutable_data()->back() ^= 1;
      break;
    case Behaviour::kWrongChunkOrder:
      if (script.chunks.size() > 1) {
        std::swap(script.chunks.front(), script.chunks.back());
      } else {
        script.chunks.front().set_index(1);
      }
      break;
    case Behaviour::kTooManyChunks:
      script.chunks.push_back(script.chunks.back());
      break;
    case Behaviour::kBadSignature:
      *script.answer->mutable_signature() = SignDocumentHeader(header, OtherKey()).signature();
      break;
    case Behaviour::kGarbageHeader:
      script.answer->set_header("garbage");
      break;
    case Behaviour::kTooFewChunks:
      script.chunks.pop_back();
      break;
    case Behaviour::kChunkBeforeProceed:
      script.chunk_before_proceed = true;
      break;
    case Behaviour::kKnowsAnotherLedger:
      script.answer->set_known_tree_size(1'000'000'000);
      break;
    case Behaviour::kDiesInTheMiddle:
      script.chunks.pop_back();
      script.end = absl::UnavailableError("gone");
      break;
    case Behaviour::kDiesBeforeAnswer:
      script.answer.reset();
      script.end = absl::UnavailableError("gone");
      break;
    case Behaviour::kUnreachable:
      script.cannot_open = true;
      break;
    case Behaviour::kNeverAnswers:
      script.answer.reset();
      break;
    case Behaviour::kNeverSendsBody:
      script.chunks.clear();
      script.never_ends = true;
      break;
    case Behaviour::kNeverEnds:
      script.never_ends = true;
      break;
    default:
      break;
  }
}

void ReleaseWorld::Start() {
  for (size_t i = 0; i < fetch.papers.size(); ++i) {
    if (holders.scripts().count(HolderOf(i)) == 0) Behave(i, Behaviour::kHonest);
  }
  release = FetchRelease::Start(parts, fetch, sink, [this] { ++over; });
}

void ReleaseWorld::Pass(absl::Duration time) {
  const absl::Duration end = clock.Monotonic() + time;
  Settle();
  while (clock.Monotonic() < end) {
    const absl::Duration left = end - clock.Monotonic();
    timer.Advance(std::min(left, timer.NextDue().value_or(left)));
    Settle();
  }
}

void ReleaseWorld::PassUntilOver(absl::Duration most) {
  const absl::Duration end = clock.Monotonic() + most;
  Settle();
  while (over == 0 && clock.Monotonic() < end && timer.AdvanceToNext()) Settle();
}

std::vector<v1::DocumentOutcome> ReleaseWorld::OutcomesOf(size_t paper) const {
  std::vector<v1::DocumentOutcome> outcomes;
  for (const v1::FetchDocumentsResponse& step : sink->steps()) {
    if (step.has_outcome() && step.outcome().paper_id() == fetch.papers[paper].paper.paper_id()) {
      outcomes.push_back(step.outcome());
    }
  }
  return outcomes;
}

std::string ReleaseWorld::BodyTaken(size_t paper) const {
  std::string body;
  for (const v1::FetchDocumentsResponse& step : sink->steps()) {
    if (step.has_chunk() && step.chunk().paper_id() == fetch.papers[paper].paper.paper_id()) {
      body += step.chunk().data();
    }
  }
  return body;
}

}  // namespace naru
