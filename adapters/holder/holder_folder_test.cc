// Ready-made files through a whole holder: what is signed is what is sent, or nothing is.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapters/holder/holder_harness.h"
#include "adapters/holder/test_folder.h"
#include "adapters/holder/test_register.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"
#include "google/protobuf/text_format.h"

namespace naru {
namespace {

using holder::v1::DocumentAnswer;
using holder::v1::DocumentRequest;

constexpr char kKind[] = "SCANNED_PAPER";
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

class HolderFolderTest : public testing::Test {
 protected:
  HolderFolderTest()
      : folder_(testing::TempDir() + "/holder-folder"),
        harness_(64, ConfigText()),
        stub_(harness_.Connect(kBrokerIdentity)) {}

  std::string ConfigText() {
    config::v1::FolderRegister config = folder_.Config();
    config.mutable_documents()->RemoveLast();
    config.mutable_documents(0)->set_kind(kKind);
    std::string text;
    google::protobuf::TextFormat::PrintToString(config, &text);
    return absl::StrCat("folders {\n", text, "}\n");
  }

  // Business 1's file.
  void Serve(const std::string& content) {
    folder_.Write("1.pdf", content);
    config::v1::FolderManifest manifest;
    *manifest.add_files() = folder_.Entry("1.pdf", 1);
    manifest.mutable_files(0)->set_kind(kKind);
    folder_.Replace(manifest);
  }
  DocumentRequest Ask(int person = 1) {
    DocumentRequest request = harness_.Ask(kKind, 1);
    request.mutable_person()->set_number(TestPersonCi(person));
    request.set_max_size_bytes(limits::kDocumentBytesMax);
    return request;
  }
  holder::v1::Proceed ProceedFor(const DocumentRequest& request, const DocumentAnswer& answer) {
    return harness_.Enter(HolderHarness::Release(request, answer), answer.known_tree_size());
  }
  // A body of several chunks, each another.
  static std::string Chunks(int count) {
    std::string content;
    for (int i = 0; i < count; ++i) content.append(limits::kChunkBytes, static_cast<char>('a' + i));
    return content;
  }
  std::string path() const { return folder_.directory() + "/1.pdf"; }

  TestFolder folder_;
  HolderHarness harness_;
  std::unique_ptr<holder::v1::HolderService::Stub> stub_;
};

TEST_F(HolderFolderTest, P3_TheFileIsServedUnderASignedHeader) {
  const std::string content = Chunks(3) + "end";
  Serve(content);
  const DocumentRequest request = Ask();
  BrokerCall call(*stub_, request);
  const DocumentAnswer answer = call.ReadAnswer();
  const CheckedHeader checked = harness_.Check(request, answer);
  ASSERT_EQ(checked.refused, v1::REFUSAL_REASON_UNSPECIFIED) << checked.what;
  EXPECT_EQ(checked.header.document_number(), "1210000-1");
  EXPECT_EQ(checked.header.media_type(), "application/pdf");
  BodyChecker checker(checked.header);
  call.Proceed(ProceedFor(request, answer));
  EXPECT_EQ(call.ReadBody(&checker), content);
  EXPECT_TRUE(checker.complete());
  EXPECT_TRUE(call.Finish().ok());
}

TEST_F(HolderFolderTest, SomebodyElsesThingIsDeclined) {
  Serve("%PDF");
  BrokerCall call(*stub_, Ask(2));
  const DocumentAnswer answer = call.ReadAnswer();
  holder::v1::DocumentHeader header;
  ASSERT_TRUE(header.ParseFromString(answer.header()));
  EXPECT_EQ(header.status(), holder::v1::ANSWER_STATUS_DECLINED);
  EXPECT_EQ(header.decline_code(), holder::v1::DECLINE_CODE_NOT_ENTITLED);
  EXPECT_TRUE(header.body_sha256().empty());
}

// A file that is written to after it was signed: what was signed is sent up to there, nothing else.
TEST_F(HolderFolderTest, P3_AFileWrittenToMeanwhileIsNeverSent) {
  const std::string content = Chunks(4);
  for (const bool shrinks : {false, true}) {
    Serve(content);
    const DocumentRequest request = Ask();
    BrokerCall call(*stub_, request);
    const DocumentAnswer answer = call.ReadAnswer();
    if (shrinks) {
      ASSERT_EQ(truncate(path().c_str(), 2 * limits::kChunkBytes), 0);
    } else {
      // In the same file, of the same size.
      std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(2 * limits::kChunkBytes + 7);
      file.put('!');
    }
    call.Proceed(ProceedFor(request, answer));
    const std::string sent = call.ReadBody();
    EXPECT_EQ(sent, content.substr(0, 2 * limits::kChunkBytes));
    EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::DATA_LOSS);
  }
  EXPECT_EQ(harness_.Metric("naru_holder_bodies_total"), 0);
}

// One that takes its name is another file; the one that was signed is sent.
TEST_F(HolderFolderTest, AFileReplacedMeanwhileIsSentAsItWas) {
  const std::string content = Chunks(2);
  Serve(content);
  const DocumentRequest request = Ask();
  BrokerCall call(*stub_, request);
  const DocumentAnswer answer = call.ReadAnswer();
  std::filesystem::remove(path());
  Serve("%PDF other");
  call.Proceed(ProceedFor(request, answer));
  EXPECT_EQ(call.ReadBody(), content);
  EXPECT_TRUE(call.Finish().ok());
}

TEST_F(HolderFolderTest, P10_MemoryDoesNotGrowWithTheFile) {
  Serve("x");
  std::filesystem::resize_file(path(), kLarge);
  crypto::Sha256Stream digest;
  digest.Update("x");
  const std::string zeros(limits::kChunkBytesMax, '\0');
  for (uint64_t left = kLarge - 1; left > 0;) {
    const uint64_t size = std::min<uint64_t>(left, zeros.size());
    digest.Update(absl::string_view(zeros).substr(0, size));
    left -= size;
  }
  config::v1::FolderManifest manifest;
  config::v1::FolderFile& file = *manifest.add_files();
  file.set_kind(kKind);
  file.mutable_subject()->set_number(TestBusinessNo(1));
  file.add_persons()->set_number(TestPersonCi(1));
  file.set_file("1.pdf");
  file.set_sha256(absl::BytesToHexString(digest.Finish()));
  file.set_document_number("1210000-1");
  file.mutable_issue_time()->set_seconds(1);
  file.set_media_type("application/pdf");
  folder_.Replace(manifest);

  const int64_t before = PeakKib();
  const DocumentRequest request = Ask();
  grpc::ClientContext context;
  const auto stream = stub_->ProvideDocument(&context);
  holder::v1::ProvideDocumentRequest message;
  *message.mutable_request() = request;
  stream->Write(message);
  holder::v1::ProvideDocumentResponse response;
  ASSERT_TRUE(stream->Read(&response));
  const DocumentAnswer answer = response.answer();
  const CheckedHeader checked = harness_.Check(request, answer);
  ASSERT_EQ(checked.refused, v1::REFUSAL_REASON_UNSPECIFIED) << checked.what;
  *message.mutable_proceed() = ProceedFor(request, answer);
  stream->Write(message);
  BodyChecker checker(checked.header);
  while (stream->Read(&response)) {
    ABSL_ASSERT_OK(checker.Add(response.chunk().index(), response.chunk().data()));
  }
  EXPECT_TRUE(checker.complete());
  EXPECT_TRUE(stream->Finish().ok());
  // Holder and broker's side together: a fifth of the file.
  EXPECT_LT(PeakKib() - before, 40 * 1024);
}

}  // namespace
}  // namespace naru
