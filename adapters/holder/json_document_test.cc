#include "adapters/holder/json_document.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/base/status_matchers.h"

namespace naru {
namespace {

v1::Subject Business(const std::string& number) {
  v1::Subject subject;
  subject.set_type(v1::SUBJECT_TYPE_BUSINESS);
  subject.set_number(number);
  return subject;
}

Record RecordWith(const std::string& value) {
  holder::v1::DocumentField field;
  field.set_name("trade_name");
  field.set_label("상호");
  field.set_value(value);
  return Record(Business("2148100001"), v1::Subject(), {field});
}

holder::v1::DocumentBody Head() {
  holder::v1::DocumentBody head;
  head.set_title("사업자등록증명");
  head.mutable_issue_time()->set_seconds(1795000000);
  return head;
}

TEST(JsonDocumentTest, TheSameRecordGivesTheSameBytes) {
  const auto body = RenderJsonDocument(Head(), RecordWith("나루 \"상회\" <1>"));
  ABSL_ASSERT_OK(body);
  EXPECT_EQ(*body,
            "{\"title\":\"사업자등록증명\",\"issueTime\":\"2026-11-18T11:06:40Z\","
            "\"subject\":{\"type\":\"SUBJECT_TYPE_BUSINESS\",\"number\":\"2148100001\"},"
            "\"fields\":[{\"name\":\"trade_name\",\"label\":\"상호\","
            "\"value\":\"나루 \\\"상회\\\" \\u003c1\\u003e\"}]}");
}

// P3: the subject in the bytes is the record's, whatever was in the head.
TEST(JsonDocumentTest, P3_TheSubjectIsTheRecords) {
  holder::v1::DocumentBody head = Head();
  *head.mutable_subject() = Business("9999999999");
  const auto body = RenderJsonDocument(head, RecordWith("x"));
  ABSL_ASSERT_OK(body);
  const auto read = ReadJsonDocument(*body);
  ABSL_ASSERT_OK(read);
  EXPECT_EQ(read->subject().number(), "2148100001");
}

TEST(JsonDocumentTest, BytesThatDoNotSayWhatTheRecordDoesAreNotGiven) {
  EXPECT_THAT(RenderJsonDocument(Head(), RecordWith("\xb3\xaa\xb7\xe7")),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST(JsonDocumentTest, WhatIsNoDocumentSaysNothing) {
  EXPECT_THAT(ReadJsonDocument("{\"subject\":"), HasErrorReason(v1::ERROR_REASON_INTERNAL));
  EXPECT_THAT(ReadJsonDocument("{\"other\":1}"), HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

}  // namespace
}  // namespace naru
