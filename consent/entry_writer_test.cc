#include "consent/entry_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>

#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"
#include "broker/proof/merkle.h"
#include "consent/store/keys.h"
#include "consent/store/memory_store.h"

namespace naru {
namespace {

using storage::v1::InnerEntry;
using storage::v1::RecordRow;
using testing::HasSubstr;
using testing::Not;

constexpr uint16_t kLedger = 0;
constexpr uint64_t kIndex = 42;

class EntryWriterTest : public testing::Test {
 protected:
  EntryWriterTest() {
    draft_.subject = subject_;
    draft_.outer.set_kind(v1::ENTRY_KIND_HISTORY_READ);
    SetLastNumber(7);
  }

  void SetLastNumber(uint64_t number) {
    storage::v1::SubjectRow row;
    row.set_last_number(number);
    row.mutable_create_time()->set_seconds(5);
    store_.Tamper(Table::kRows, keys::Subject(subject_), row.SerializeAsString());
  }
  absl::StatusOr<EntryWriter::Written> Write() {
    return writer_.Write(draft_, kIndex, time_, rows_);
  }
  template <typename Message>
  std::optional<Message> Read(Table table, const std::string& key) {
    const std::optional<std::string> value = rows_.Get(table, key).value();
    if (!value.has_value()) return std::nullopt;
    Message message;
    EXPECT_TRUE(message.ParseFromString(*value));
    return message;
  }
  RecordRow Record() {
    return Read<RecordRow>(Table::kLedger, keys::Record(kLedger, kIndex)).value();
  }
  InnerEntry Inner() {
    InnerEntry inner;
    EXPECT_TRUE(inner.ParseFromString(Record().inner()));
    return inner;
  }
  bool Listed(const std::string& key) {
    const auto row = Read<storage::v1::HistoryRow>(Table::kRows, key);
    return row.has_value() && row->ledger_index() == kIndex;
  }

  MemoryStore store_;
  JournalOverlay rows_{&store_};
  FakeRandom random_;
  EntryWriter writer_{&random_, kLedger};
  const absl::Time time_ = absl::FromUnixMicros(1'795'000'000'123'456);
  const SubjectId subject_ = SubjectId::Generate(9, random_);
  const std::string data_key_ = random_.Bytes(32);
  const std::string case_hash_ = random_.Bytes(32);
  EntryDraft draft_;
};

TEST_F(EntryWriterTest, TheRecordGivesTheLeaf) {
  ABSL_ASSERT_OK_AND_ASSIGN(const EntryWriter::Written written, Write());
  const RecordRow record = Record();
  EXPECT_EQ(written.entry.index, kIndex);
  EXPECT_EQ(record.outer(), written.entry.outer_bytes);
  EXPECT_EQ(record.outer(), written.entry.outer.SerializeAsString());
  EXPECT_EQ(record.outer_salt().size(), 16u);
  EXPECT_EQ(record.inner_salt().size(), 16u);
  EXPECT_NE(record.outer_salt(), record.inner_salt());
  EXPECT_EQ(written.entry.inner_hash, merkle::InnerHash(record.inner_salt(), record.inner()));
  EXPECT_EQ(written.leaf_data,
            merkle::LeafData(record.outer_salt(), written.entry.inner_hash, record.outer()));
  EXPECT_EQ(written.entry.outer.time().seconds(), 1'795'000'000);
  EXPECT_EQ(written.entry.outer.time().nanos(), 123'456'000);
}

TEST_F(EntryWriterTest, P6_OnlyTheInnerPartNamesTheSubject) {
  ABSL_ASSERT_OK_AND_ASSIGN(const EntryWriter::Written written, Write());
  EXPECT_EQ(Inner().subject_id(), subject_.bytes());
  EXPECT_THAT(written.entry.outer_bytes, Not(HasSubstr(subject_.bytes().substr(2))));
}

TEST_F(EntryWriterTest, P2_TakesThePersonsNextNumber) {
  ABSL_ASSERT_OK_AND_ASSIGN(const EntryWriter::Written first, Write());
  EXPECT_EQ(first.entry.person_number, 8u);
  EXPECT_EQ(Inner().person_number(), 8u);
  ABSL_ASSERT_OK_AND_ASSIGN(const EntryWriter::Written second,
                            writer_.Write(draft_, kIndex + 1, time_, rows_));
  EXPECT_EQ(second.entry.person_number, 9u);
  const auto row = Read<storage::v1::SubjectRow>(Table::kRows, keys::Subject(subject_));
  EXPECT_EQ(row->last_number(), 9u);
  EXPECT_EQ(row->create_time().seconds(), 5) << "the rest of the row stays";
  EXPECT_TRUE(Listed(keys::PersonHistory(subject_, kIndex)));
}

TEST_F(EntryWriterTest, AnEntryOutsideTheOrderTakesNoNumber) {
  draft_.in_person_order = false;
  ABSL_ASSERT_OK_AND_ASSIGN(const EntryWriter::Written written, Write());
  EXPECT_EQ(written.entry.person_number, 0u);
  EXPECT_FALSE(rows_.Wrote(Table::kRows, keys::Subject(subject_)));
  EXPECT_TRUE(Listed(keys::PersonHistory(subject_, kIndex)));
}

TEST_F(EntryWriterTest, P6_DetailsRestUnderThePersonsKeyWithTheirSalt) {
  draft_.details = "case 2026-0042";
  draft_.data_key = data_key_;
  ABSL_ASSERT_OK(Write());
  const RecordRow record = Record();
  EXPECT_THAT(record.SerializeAsString(), Not(HasSubstr("2026-0042")));
  EXPECT_EQ(record.details().algorithm(), "A256GCM");
  EXPECT_EQ(record.details().key_id(), "data");
  const std::string key = keys::Record(kLedger, kIndex);
  EXPECT_THAT(OpenDetails(record, key, data_key_), IsOkAndHolds("case 2026-0042"));
  // Without the key nobody can test a guess: equal details have other digests.
  const std::string digest = Inner().details_sha256();
  EXPECT_EQ(digest.size(), 32u);
  ABSL_ASSERT_OK(Write());
  EXPECT_NE(Inner().details_sha256(), digest);
}

TEST_F(EntryWriterTest, DetailsOpenOnlyInTheirPlaceAndMatchTheirDigest) {
  draft_.details = "details";
  draft_.data_key = data_key_;
  ABSL_ASSERT_OK(Write());
  const std::string key = keys::Record(kLedger, kIndex);
  const auto damaged = StatusIs(absl::StatusCode::kDataLoss);
  EXPECT_THAT(OpenDetails(Record(), keys::Record(kLedger, kIndex + 1), data_key_), damaged);
  EXPECT_THAT(OpenDetails(Record(), key, std::string(32, 'x')), damaged);
  RecordRow other = Record();
  other.mutable_details()->set_algorithm("NONE");
  EXPECT_THAT(OpenDetails(other, key, data_key_), damaged);
  // Well sealed, but not what the leaf commits to.
  const crypto::SealedBytes sealed =
      crypto::Seal(data_key_, std::string(16, 's') + "other details", key, random_);
  other = Record();
  other.mutable_details()->set_nonce(sealed.nonce);
  other.mutable_details()->set_ciphertext(sealed.ciphertext);
  EXPECT_THAT(OpenDetails(other, key, data_key_), damaged);
}

TEST_F(EntryWriterTest, ARecordWithoutDetailsHasNone) {
  ABSL_ASSERT_OK(Write());
  EXPECT_FALSE(Record().has_details());
  EXPECT_EQ(Inner().details_sha256(), "");
  EXPECT_THAT(OpenDetails(Record(), keys::Record(kLedger, kIndex), data_key_), IsOkAndHolds(""));
}

TEST_F(EntryWriterTest, QueuesTheMessageSealed) {
  draft_.message.emplace().set_text("code 123456");
  draft_.message_expire = time_ + absl::Minutes(10);
  draft_.data_key = data_key_;
  ABSL_ASSERT_OK(Write());
  const std::string key = keys::Outbox(kLedger, kIndex);
  const auto row = Read<storage::v1::OutboxRow>(Table::kLedger, key);
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->subject_id(), subject_.bytes());
  EXPECT_EQ(row->expire_time_us(), absl::ToUnixMicros(draft_.message_expire));
  EXPECT_THAT(row->SerializeAsString(), Not(HasSubstr("123456")));
  EXPECT_THAT(crypto::Open(data_key_, {row->sealed().nonce(), row->sealed().ciphertext()}, key),
              IsOkAndHolds(draft_.message->SerializeAsString()));
}

TEST_F(EntryWriterTest, ListsTheCaseInTheSubjectsShardOrItsOwn) {
  draft_.case_hash = case_hash_;
  ABSL_ASSERT_OK(Write());
  EXPECT_TRUE(Listed(keys::CaseHistory(subject_.shard(), case_hash_, kIndex)));
  draft_.subject.reset();
  ABSL_ASSERT_OK(Write());
  EXPECT_TRUE(Listed(keys::CaseHistory(ShardOfHash(case_hash_), case_hash_, kIndex)));
  EXPECT_EQ(Inner().subject_id(), "");
}

TEST_F(EntryWriterTest, RefusesDraftsThatBreakTheRules) {
  const auto refused = [&](const std::string& why, const std::function<void(EntryDraft&)>& breaks) {
    EntryDraft draft = draft_;
    breaks(draft);
    EXPECT_THAT(writer_.Write(draft, kIndex, time_, rows_),
                StatusIs(absl::StatusCode::kInternal, HasSubstr(why)));
  };
  refused("no kind", [](EntryDraft& draft) { draft.outer.clear_kind(); });
  refused("is empty", [](EntryDraft& draft) { draft.subject = SubjectId(); });
  refused("no data key", [](EntryDraft& draft) { draft.details = "details"; });
  refused("no data key", [](EntryDraft& draft) {
    draft.message.emplace();
    draft.data_key = "short";
  });
  refused("to nobody", [&](EntryDraft& draft) {
    draft.subject.reset();
    draft.message.emplace();
    draft.data_key = data_key_;
  });
  refused("case hash", [](EntryDraft& draft) { draft.case_hash = "short"; });
  refused("without a row",
          [&](EntryDraft& draft) { draft.subject = SubjectId::Generate(3, random_); });
}

TEST_F(EntryWriterTest, ASubjectRowThatCannotBeReadIsDamage) {
  store_.Tamper(Table::kRows, keys::Subject(subject_), "\xff");
  EXPECT_THAT(Write(), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace naru
