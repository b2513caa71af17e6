#include "adapters/holder/folder_register.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/holder/test_folder.h"
#include "adapters/holder/test_register.h"
#include "broker/base/file.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"

namespace naru {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kLarge = 200ull * 1024 * 1024;

// The most memory that this process ever had, in KiB.
int64_t PeakKib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    int64_t kib = 0;
    if (line.rfind("VmHWM:", 0) == 0 &&
        absl::SimpleAtoi(line.substr(6, line.size() - 6 - 3), &kib)) {
      return kib;
    }
  }
  return 0;
}

class FolderRegisterTest : public testing::Test {
 protected:
  FolderRegisterTest() : folder_(testing::TempDir() + "/folder") {
    folder_.Write("a/1.pdf", "%PDF one");
    folder_.Write("a/2.pdf", "%PDF two");
    *manifest_.add_files() = folder_.Entry("a/1.pdf", 1);
    *manifest_.add_files() = folder_.Entry("a/2.pdf", 2);
  }

  absl::Status Open(const config::v1::FolderRegister& config) {
    auto opened = FolderRegister::Open(config);
    if (!opened.ok()) return opened.status();
    register_ = *std::move(opened);
    return absl::OkStatus();
  }
  absl::Status Open() {
    folder_.Replace(manifest_);
    return Open(folder_.Config());
  }

  static RecordQuery About(int i) {
    RecordQuery query;
    query.subject.set_type(v1::SUBJECT_TYPE_BUSINESS);
    query.subject.set_number(TestBusinessNo(i));
    query.person.set_type(v1::SUBJECT_TYPE_PERSON);
    query.person.set_number(TestPersonCi(i));
    query.approved_fields = {"trade_name", "capital"};
    query.max_bytes = limits::kDocumentBytesMax;
    return query;
  }
  static RecordQuery Income(int i, const std::vector<std::string>& years) {
    RecordQuery query = About(i);
    query.subject.set_type(v1::SUBJECT_TYPE_PERSON);
    query.subject.set_number(TestPersonCi(i));
    query.approved_fields = {"name"};
    query.parameters.emplace_back();
    query.parameters[0].set_name("tax_years");
    for (const std::string& year : years) query.parameters[0].add_values(year);
    return query;
  }

  // The document's bytes; "nothing" when there is none.
  std::string Content(int i) {
    const auto record = register_->Find("TAX_PAPER", About(i));
    if (!record.ok()) return std::string(record.status().message());
    if (!record->has_value()) return "nothing";
    const ReadyDocument& ready = *(*record)->ready();
    return *ready.body->Read(0, ready.body->size());
  }

  TestFolder folder_;
  config::v1::FolderManifest manifest_;
  std::unique_ptr<FolderRegister> register_;
};

TEST_F(FolderRegisterTest, TheHeaderIsWhatTheManifestSays) {
  ABSL_ASSERT_OK(Open());
  const auto record = register_->Find("TAX_PAPER", About(1));
  ABSL_ASSERT_OK(record);
  const holder::v1::DocumentHeader& head = (*record)->ready()->head;
  EXPECT_EQ(head.document_number(), "1210000-1");
  EXPECT_EQ(head.issue_time().seconds(), 1'700'000'001);
  EXPECT_EQ(head.media_type(), "application/pdf");
  EXPECT_EQ(head.body_sha256(), crypto::Sha256("%PDF one"));
  EXPECT_EQ(head.fields_size(), 2);
  // A file cannot be cut.
  RecordQuery query = About(1);
  query.approved_fields = {"trade_name"};
  EXPECT_THAT(register_->Find("TAX_PAPER", query),
              HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
}

TEST_F(FolderRegisterTest, AFileThatIsAnotherIsNotServed) {
  ABSL_ASSERT_OK(Open());
  folder_.Write("a/1.pdf", "%PDF on3");
  EXPECT_THAT(register_->Find("TAX_PAPER", About(1)),
              HasErrorReason(v1::ERROR_REASON_DATA_DAMAGED));
  folder_.Write("a/1.pdf", "");
  EXPECT_THAT(register_->Find("TAX_PAPER", About(1)),
              HasErrorReason(v1::ERROR_REASON_DATA_DAMAGED));
  std::filesystem::remove(folder_.directory() + "/a/1.pdf");
  EXPECT_THAT(register_->Find("TAX_PAPER", About(1)),
              HasErrorReason(v1::ERROR_REASON_DATA_DAMAGED));
  EXPECT_EQ(Content(2), "%PDF two");
}

TEST_F(FolderRegisterTest, NothingLeadsOutOfTheFolder) {
  const std::string outside = testing::TempDir() + "/outside.pdf";
  std::ofstream(outside) << "%PDF one";
  for (const char* path :
       {"../outside.pdf", "/etc/passwd", "a/../../outside.pdf", "a//1.pdf", "./a/1.pdf", ""}) {
    manifest_.mutable_files(0)->set_file(path);
    EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("files[0]")))
        << path;
  }
  // Symbolic links, as the file and on the way to it, and what is no file at all.
  std::filesystem::create_symlink(outside, folder_.directory() + "/link.pdf");
  std::filesystem::create_symlink(testing::TempDir(), folder_.directory() + "/up");
  std::filesystem::create_symlink("a", folder_.directory() + "/inside");
  ASSERT_EQ(mkfifo((folder_.directory() + "/pipe.pdf").c_str(), 0600), 0);
  for (const char* path : {"link.pdf", "up/outside.pdf", "inside/1.pdf", "pipe.pdf", "a"}) {
    manifest_.mutable_files(0)->set_file(path);
    ABSL_ASSERT_OK(Open());
    EXPECT_THAT(register_->Find("TAX_PAPER", About(1)),
                HasErrorReason(v1::ERROR_REASON_DATA_DAMAGED))
        << path;
    EXPECT_THAT(register_->CheckFiles(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("files[0].file")));
  }
}

TEST_F(FolderRegisterTest, AChangedManifestCountsAtOnce) {
  ABSL_ASSERT_OK(Open());
  EXPECT_EQ(Content(3), "nothing");
  folder_.Write("3.pdf", "%PDF three");
  *manifest_.add_files() = folder_.Entry("3.pdf", 3);
  folder_.Replace(manifest_);
  EXPECT_EQ(Content(3), "%PDF three");
  manifest_.mutable_files()->RemoveLast();
  folder_.Replace(manifest_);
  EXPECT_EQ(Content(3), "nothing");
}

// What the one before had may be gone for a reason, so it does not count any more.
TEST_F(FolderRegisterTest, AManifestThatIsWrongOrCutServesNothing) {
  ABSL_ASSERT_OK(Open());
  const std::string good = *ReadFile(folder_.manifest_file(), 1 << 20);
  config::v1::FolderManifest cut = manifest_;
  cut.mutable_files()->RemoveLast();
  std::string without_last;
  folder_.Replace(cut);
  without_last = *ReadFile(folder_.manifest_file(), 1 << 20);
  const std::string miscounted = absl::StrReplaceAll(without_last, {{"file_count: 1", ""}});
  for (const std::string& bad :
       {good.substr(0, good.size() / 2), miscounted, std::string("x: 1")}) {
    folder_.ReplaceText(bad);
    for (int i = 0; i < 2; ++i) {
      EXPECT_THAT(register_->Find("TAX_PAPER", About(1)),
                  HasErrorReason(v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE));
    }
  }
  folder_.ReplaceText(good);
  EXPECT_EQ(Content(1), "%PDF one");
}

TEST_F(FolderRegisterTest, AWrongManifestIsNamedByItsLine) {
  const auto wrong = [this](const auto& change, const std::string& field) {
    config::v1::FolderManifest manifest = manifest_;
    change(*manifest.mutable_files(1));
    folder_.Replace(manifest);
    EXPECT_THAT(FolderRegister::Open(folder_.Config()),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         ::testing::AllOf(HasSubstr("manifest.textproto:"), HasSubstr(field))));
  };
  using File = config::v1::FolderFile;
  wrong([](File& file) { file.set_kind("OTHER"); }, "files[1].kind: is none");
  wrong([](File& file) { file.clear_subject(); }, "files[1].subject: is missing");
  wrong([](File& file) { file.clear_persons(); }, "files[1].persons: is missing");
  wrong([](File& file) { file.add_parameters()->set_name("x"); }, "files[1].parameters");
  wrong([](File& file) { file.set_sha256("12"); }, "files[1].sha256");
  wrong([](File& file) { file.clear_document_number(); }, "files[1].document_number");
  wrong([](File& file) { file.clear_issue_time(); }, "files[1].issue_time");
  wrong([](File& file) { file.set_media_type("pdf"); }, "files[1].media_type");
  wrong([](File& file) { file.mutable_subject()->set_keyed(std::string(64, 'a')); },
        "files[1].subject.keyed: needs");
  wrong([this](File& file) { file = manifest_.files(0); }, "files[1]: is a second file");
}

TEST_F(FolderRegisterTest, P6_AManifestThatDoesNotParseIsNamedByItsPlaceAndNotQuoted) {
  for (const std::string& text :
       {std::string("file_count: 1\nfiles { subject { number: 9901012345678 } }\n"),
        std::string("file_count: 1\nfiles { subject { 9901012345678: \"\" } }\n"),
        std::string("file_count: 1\nfiles { kind: TAX_9901012345678 }\n")}) {
    folder_.ReplaceText(text);
    EXPECT_THAT(FolderRegister::Open(folder_.Config()),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         ::testing::AllOf(HasSubstr("manifest.textproto:2:"),
                                          ::testing::Not(HasSubstr("9901012345678")))));
  }
}

TEST_F(FolderRegisterTest, ParametersAreASet) {
  folder_.Write("income.pdf", "%PDF income");
  config::v1::FolderFile file = folder_.Entry("income.pdf", 1);
  file.set_kind("INCOME_PAPER");
  file.mutable_subject()->set_number(TestPersonCi(1));
  file.clear_persons();
  v1::Parameter& years = *file.add_parameters();
  years.set_name("tax_years");
  years.add_values("2024");
  years.add_values("2025");
  *manifest_.add_files() = file;
  ABSL_ASSERT_OK(Open());
  EXPECT_TRUE(register_->Find("INCOME_PAPER", Income(1, {"2025", "2024"}))->has_value());
  EXPECT_TRUE(register_->Find("INCOME_PAPER", Income(1, {"2024", "2025"}))->has_value());
  EXPECT_FALSE(register_->Find("INCOME_PAPER", Income(1, {"2024"}))->has_value());
  EXPECT_FALSE(register_->Find("INCOME_PAPER", Income(2, {"2024", "2025"}))->has_value());
  EXPECT_THAT(register_->Find("INCOME_PAPER", Income(1, {})),
              HasErrorReason(v1::ERROR_REASON_FIELD_MISSING));
}

// P6: a manifest need not name anybody.
TEST_F(FolderRegisterTest, P6_KeyedReferencesFindTheSameFiles) {
  const std::string key(32, 'k');
  const std::string key_file = testing::TempDir() + "/reference.key";
  ABSL_ASSERT_OK(AtomicWriteFile(key_file, absl::BytesToHexString(key)));
  const auto keyed = [&key](int type, const std::string& number) {
    return absl::BytesToHexString(crypto::HmacSha256(key, absl::StrCat(type, ":", number)));
  };
  config::v1::FolderFile& file = *manifest_.mutable_files(0);
  file.mutable_subject()->set_keyed(keyed(v1::SUBJECT_TYPE_BUSINESS, TestBusinessNo(1)));
  file.mutable_persons(0)->set_keyed(keyed(v1::SUBJECT_TYPE_PERSON, TestPersonCi(1)));
  folder_.Replace(manifest_);
  config::v1::FolderRegister config = folder_.Config();
  config.mutable_reference_key()->set_file(key_file);
  ABSL_ASSERT_OK(Open(config));
  EXPECT_EQ(Content(1), "%PDF one");
  EXPECT_EQ(Content(2), "%PDF two");
  RecordQuery query = About(1);
  query.person.set_number(TestPersonCi(2));
  const auto others = register_->Find("TAX_PAPER", query);
  ABSL_ASSERT_OK(others);
  EXPECT_NE((*others)->person().number(), TestPersonCi(2));
  EXPECT_FALSE((*others)->ready().has_value());
}

TEST_F(FolderRegisterTest, P10_ALargeFileIsNeverHeldWhole) {
  const std::string path = folder_.directory() + "/large.bin";
  folder_.Write("large.bin", "");
  ASSERT_EQ(truncate(path.c_str(), kLarge), 0);
  crypto::Sha256Stream digest;
  const std::string zeros(limits::kChunkBytesMax, '\0');
  for (uint64_t at = 0; at < kLarge; at += zeros.size()) digest.Update(zeros);
  config::v1::FolderFile file = manifest_.files(0);
  file.mutable_subject()->set_number(TestBusinessNo(7));
  file.set_file("large.bin");
  file.set_sha256(absl::BytesToHexString(digest.Finish()));
  *manifest_.add_files() = file;
  ABSL_ASSERT_OK(Open());
  RecordQuery query = About(1);
  query.subject.set_number(TestBusinessNo(7));
  query.max_bytes = kLarge - 1;
  EXPECT_THAT(register_->Find("TAX_PAPER", query),
              HasErrorReason(v1::ERROR_REASON_FIELD_TOO_LARGE));
  const int64_t before = PeakKib();
  query.max_bytes = kLarge;
  const auto record = register_->Find("TAX_PAPER", query);
  ABSL_ASSERT_OK(record);
  const holder::v1::DocumentHeader& head = (*record)->ready()->head;
  EXPECT_EQ(head.size_bytes(), kLarge);
  EXPECT_EQ(head.chunk_size_bytes(), limits::kChunkBytes);
  EXPECT_EQ(static_cast<uint64_t>(head.chunk_sha256_size()), kLarge / limits::kChunkBytes);
  for (uint64_t at = 0; at < kLarge; at += head.chunk_size_bytes()) {
    ASSERT_THAT((*record)->ready()->body->Read(at, head.chunk_size_bytes()), IsOk());
  }
  // A twentieth of the file.
  EXPECT_LT(PeakKib() - before, 10 * 1024);
}

// What is sent is compared with the header; here, that a file cut short is seen.
TEST_F(FolderRegisterTest, AFileThatShrinksIsDamaged) {
  ABSL_ASSERT_OK(Open());
  const auto record = register_->Find("TAX_PAPER", About(1));
  ABSL_ASSERT_OK(record);
  ASSERT_EQ(truncate((folder_.directory() + "/a/1.pdf").c_str(), 3), 0);
  EXPECT_THAT((*record)->ready()->body->Read(0, 8), HasErrorReason(v1::ERROR_REASON_DATA_DAMAGED));
  // One that takes its place is another file, and the one that was opened stays.
  const auto second = register_->Find("TAX_PAPER", About(2));
  std::filesystem::remove(folder_.directory() + "/a/2.pdf");
  folder_.Write("a/2.pdf", "%PDF new");
  EXPECT_EQ(*(*second)->ready()->body->Read(0, 8), "%PDF two");
}

}  // namespace
}  // namespace naru
