#include "consent/person_directory.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "broker/base/status_matchers.h"
#include "consent/store/keys.h"
#include "consent/store/memory_store.h"
#include "naru/storage/v1/storage.pb.h"

namespace naru {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

v1::Subject PersonOf(const std::string& number, v1::SubjectType type = v1::SUBJECT_TYPE_PERSON) {
  v1::Subject subject;
  subject.set_type(type);
  subject.set_number(number);
  return subject;
}

class PersonDirectoryTest : public testing::Test {
 protected:
  void Write(std::vector<Writes::Write> rows) {
    ABSL_ASSERT_OK(store_.Update({}, [&](const Reader&) -> absl::StatusOr<Writes> {
      Writes writes;
      writes.rows = rows;
      return writes;
    }));
  }

  bool Known(const std::string& lookup) const {
    return directory_.Find(store_, lookup).value().has_value();
  }

  FakeRandom random_;
  MemoryStore store_;
  const PersonDirectory directory_{std::string(32, 'p'), std::string(32, 'k'), "kek-1", &random_};
};

TEST_F(PersonDirectoryTest, FindsAPersonByTheNumberThatItWasMadeWith) {
  const std::string lookup = directory_.Lookup(PersonOf("a-number"));
  EXPECT_FALSE(Known(lookup));
  PersonDirectory::NewPerson made = directory_.Prepare(lookup, kNow);
  Write(made.rows);

  ABSL_ASSERT_OK_AND_ASSIGN(const auto found, directory_.Find(store_, lookup));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->subject, made.person.subject);
  EXPECT_EQ(found->data_key, made.person.data_key);
  EXPECT_EQ(found->subject.shard(), ShardOfHash(lookup));
  EXPECT_THAT(directory_.FindSubject(store_, lookup), IsOkAndHolds(made.person.subject));
  EXPECT_FALSE(Known(directory_.Lookup(PersonOf("another"))));
}

TEST_F(PersonDirectoryTest, ANewPersonBeginsAtNumberZero) {
  const PersonDirectory::NewPerson made =
      directory_.Prepare(directory_.Lookup(PersonOf("a-number")), kNow);
  Write(made.rows);
  ABSL_ASSERT_OK_AND_ASSIGN(const auto value,
                            store_.Get(Table::kRows, keys::Subject(made.person.subject)));
  storage::v1::SubjectRow row;
  ASSERT_TRUE(row.ParseFromString(value.value()));
  EXPECT_EQ(row.last_number(), 0u);
  EXPECT_EQ(row.create_time().seconds(), absl::ToUnixSeconds(kNow));
}

TEST_F(PersonDirectoryTest, P6_NoRowHoldsTheNumberOrTheDataKeyInClear) {
  const PersonDirectory::NewPerson made =
      directory_.Prepare(directory_.Lookup(PersonOf("a-long-number-of-a-person")), kNow);
  for (const Writes::Write& row : made.rows) {
    for (const std::string& bytes : {row.key, row.value.value()}) {
      EXPECT_EQ(bytes.find("a-long-number-of-a-person"), std::string::npos);
      EXPECT_EQ(bytes.find(made.person.data_key), std::string::npos);
    }
  }
}

TEST_F(PersonDirectoryTest, HashesOfDifferentThingsDiffer) {
  const PersonDirectory other(std::string(32, 'q'), std::string(32, 'k'), "kek-1", &random_);
  const std::set<std::string> hashes = {
      directory_.Lookup(PersonOf("1")),
      directory_.Lookup(PersonOf("1", v1::SUBJECT_TYPE_BUSINESS)),
      other.Lookup(PersonOf("1")),
      directory_.CaseHash("3210000", "1"),
      directory_.CaseHash("3210001", "1"),
      directory_.CaseHash("32100001", ""),
      directory_.OfficialHash("3210000", "1"),
      directory_.OfficialHash("3210000", "2"),
  };
  EXPECT_EQ(hashes.size(), 8u);
  EXPECT_EQ(directory_.Lookup(PersonOf("1")), directory_.Lookup(PersonOf("1")));
}

TEST_F(PersonDirectoryTest, AnErasedDataKeyIsNoErrorButADamagedOneIs) {
  const std::string lookup = directory_.Lookup(PersonOf("a-number"));
  const PersonDirectory::NewPerson made = directory_.Prepare(lookup, kNow);
  Write(made.rows);
  const std::string key = keys::DataKey(made.person.subject);
  const std::string whole = store_.Get(Table::kKeys, key)->value();

  storage::v1::KeyRow row;
  ASSERT_TRUE(row.ParseFromString(whole));
  row.mutable_wrapped_data_key()->mutable_ciphertext()->back() ^= 1;
  store_.Tamper(Table::kKeys, key, row.SerializeAsString());
  EXPECT_THAT(directory_.DataKey(store_, made.person.subject),
              StatusIs(absl::StatusCode::kDataLoss));

  // Another person's key row in its place does not open: the row's key is sealed in.
  const PersonDirectory::NewPerson other =
      directory_.Prepare(directory_.Lookup(PersonOf("other")), kNow);
  store_.Tamper(Table::kKeys, key, other.rows[1].value);
  EXPECT_THAT(directory_.DataKey(store_, made.person.subject),
              StatusIs(absl::StatusCode::kDataLoss));

  store_.Tamper(Table::kKeys, key, std::nullopt);
  EXPECT_THAT(directory_.DataKey(store_, made.person.subject), IsOkAndHolds(std::nullopt));
  EXPECT_THAT(directory_.Find(store_, lookup), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(PersonDirectoryTest, SaysWhenTheKeyEncryptionKeyIsAnother) {
  const PersonDirectory::NewPerson made =
      directory_.Prepare(directory_.Lookup(PersonOf("a-number")), kNow);
  Write(made.rows);
  const PersonDirectory renamed(std::string(32, 'p'), std::string(32, 'k'), "kek-2", &random_);
  EXPECT_THAT(renamed.DataKey(store_, made.person.subject),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
  const PersonDirectory changed(std::string(32, 'p'), std::string(32, 'x'), "kek-1", &random_);
  EXPECT_THAT(changed.DataKey(store_, made.person.subject), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace naru
