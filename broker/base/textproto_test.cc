#include "broker/base/textproto.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "broker/base/file.h"
#include "broker/base/status_matchers.h"
#include "naru/config/v1/catalogue.pb.h"

namespace naru {
namespace {

using config::v1::Catalogue;
using testing::HasSubstr;
using testing::StartsWith;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

constexpr char kCatalogue[] = R"(# A comment
agencies {
  code: "1741000"
  services { name: "counter" roles: ROLE_COUNTER }
  services {
    name: "holder"
    roles: [ROLE_HOLDER,
            ROLE_REQUESTER]
  }
}
kinds { code: "A" }
kinds {
  code: "B"
  holder: "123"
  parameters { name: "year" }
  parameters {
    name: "scope"
    choices: "all"
    choices: "part"
  }
  fields: ["one", "two"]
}
)";

TEST(TextProtoTest, LoadsAFile) {
  const std::string path = testing::TempDir() + "/catalogue.textproto";
  ABSL_ASSERT_OK(AtomicWriteFile(path, kCatalogue));
  Catalogue catalogue;
  ABSL_ASSERT_OK(LoadTextProto(path, &catalogue));
  EXPECT_EQ(catalogue.kinds(1).parameters(1).choices(1), "part");

  ABSL_ASSERT_OK_AND_ASSIGN(const auto file, TextProtoFile<Catalogue>::Load(path));
  EXPECT_EQ(file.message().kinds_size(), 2);
  EXPECT_THAT(file.ErrorAt("kinds[1].holder", "no agency has this code"),
              StatusIs(kInvalid, path + ":14: kinds[1].holder: no agency has this code"));
}

TEST(TextProtoTest, AFolderIsOneMessageAndErrorsNameTheFile) {
  const std::string folder = testing::TempDir() + "/parts";
  ABSL_ASSERT_OK(MakeDirectories(folder));
  ABSL_ASSERT_OK(AtomicWriteFile(folder + "/a.textproto", kCatalogue));
  ABSL_ASSERT_OK(AtomicWriteFile(folder + "/b.textproto",
                                 "kinds {\n  code: \"C\"\n}\n\nkinds {\n  code: \"D\"\n}\n"));
  ABSL_ASSERT_OK(AtomicWriteFile(folder + "/notes.txt", "not a part"));
  Catalogue catalogue;
  ABSL_ASSERT_OK(LoadTextProto(folder, &catalogue));
  EXPECT_EQ(catalogue.kinds_size(), 4);
  EXPECT_EQ(catalogue.kinds(3).code(), "D");

  ABSL_ASSERT_OK_AND_ASSIGN(const auto file, TextProtoFile<Catalogue>::Load(folder));
  EXPECT_EQ(file.message().kinds_size(), 4);
  EXPECT_EQ(file.Line("kinds[3].code"), 6);
  EXPECT_THAT(file.ErrorAt("kinds[1].holder", "bad"),
              StatusIs(kInvalid, folder + "/a.textproto:14: kinds[1].holder: bad"));
  EXPECT_THAT(file.ErrorAt("kinds[3].holder", "bad"),
              StatusIs(kInvalid, folder + "/b.textproto:5: kinds[3].holder: bad"));
  EXPECT_THAT(file.ErrorAt("affairs", "bad"), StatusIs(kInvalid, folder + ": affairs: bad"));
  EXPECT_THAT(file.ErrorAt("", "bad"), StatusIs(kInvalid, folder + ": bad"));

  ABSL_ASSERT_OK(AtomicWriteFile(folder + "/c.textproto", "kinds {\n  cod: \"E\"\n}\n"));
  EXPECT_THAT(LoadTextProto(folder, &catalogue),
              StatusIs(kInvalid, StartsWith(folder + "/c.textproto:2:")));
}

TEST(TextProtoTest, OnlyListsStandInSeveralFiles) {
  const std::string folder = testing::TempDir() + "/single";
  config::v1::Agency agency;
  ABSL_ASSERT_OK(MakeDirectories(folder));
  EXPECT_THAT(LoadTextProto(folder, &agency), StatusIs(kInvalid, HasSubstr("no file")));
  ABSL_ASSERT_OK(AtomicWriteFile(folder + "/a.textproto", "code: \"1741000\""));
  ABSL_ASSERT_OK(AtomicWriteFile(folder + "/b.textproto", "\ncode: \"1741001\""));
  EXPECT_THAT(LoadTextProto(folder, &agency),
              StatusIs(kInvalid, folder + "/b.textproto:2: code: stands in another file too"));
}

TEST(TextProtoTest, MissingFileIsNotFound) {
  Catalogue catalogue;
  EXPECT_THAT(LoadTextProto("/nowhere/c.textproto", &catalogue),
              StatusIs(absl::StatusCode::kNotFound, StartsWith("/nowhere/c.textproto: ")));
}

TEST(TextProtoTest, FilesAreBounded) {
  const std::string path = testing::TempDir() + "/large.textproto";
  ABSL_ASSERT_OK(AtomicWriteFile(path, std::string(kTextProtoBytes + 1, '\n')));
  Catalogue catalogue;
  EXPECT_THAT(LoadTextProto(path, &catalogue),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr(path)));
}

TEST(TextProtoTest, ErrorsNameFileLineColumnAndWhat) {
  const struct {
    absl::string_view text;
    absl::string_view error;
  } kCases[] = {
      {"agencies {\n  cod: \"1\"\n}\n", "c.textproto:2:6: "},
      {"\n\nnothing: 1\n", "c.textproto:3:8: "},
      {"agencies {\n", "c.textproto:2:1: "},
      {"agencies { code: 7 }", "c.textproto:1:18: "},
      {"agencies { services { roles: ROLE_KING } }", "c.textproto:1:40: "},
      {"agencies { services {\n roles: [ROLE_HOLDER, 77] } }",
       "c.textproto:2: agencies[0].services[0].roles[1]: 77 is not a value of Role"},
      {"agencies {\n code: \"a\"\n code: \"b\"\n}", "c.textproto:3:6: "},
      {"kinds { fee_krw: -1 }", "c.textproto:1:18: "},
      {"agencies { code: \"open\n}", "c.textproto:1:23: "},
      {"kinds { code: \"\xff\" }", "c.textproto:1:16: The file is not UTF-8 here."},
      {"\nkinds { code: \"\xed\xa0\x80\" }", "c.textproto:2:16: The file is not UTF-8 here."},
      {"kinds { parameters { label_ko: \"\\377\" } }",
       "c.textproto:1: kinds[0].parameters[0].label_ko: is not UTF-8"},
      {"kinds { fields: \"a\"\n fields: \"\\300\\200\" }", "c.textproto:2: kinds[0].fields[1]: "},
  };
  for (const auto& c : kCases) {
    Catalogue catalogue;
    const absl::Status status = ParseTextProto("c.textproto", c.text, &catalogue);
    EXPECT_THAT(status, StatusIs(kInvalid, StartsWith(std::string(c.error)))) << c.text;
    EXPECT_GT(status.message().size(), c.error.size() - 1);
  }
}

TEST(TextProtoTest, KoreanTextIsTaken) {
  Catalogue catalogue;
  ABSL_ASSERT_OK(ParseTextProto("c", "agencies { name_ko: \"서초구청\" }", &catalogue));
  EXPECT_EQ(catalogue.agencies(0).name_ko(), "서초구청");
}

TEST(TextProtoTest, LinesOfFieldsAtAnyDepth) {
  ABSL_ASSERT_OK_AND_ASSIGN(const auto file, TextProtoFile<Catalogue>::Parse("c", kCatalogue));
  const struct {
    const char* path;
    int line;
  } kCases[] = {
      {"agencies[0]", 2},
      {"agencies[0].code", 3},
      {"agencies[0].services[0].roles[0]", 4},
      {"agencies[0].services[1]", 5},
      {"agencies[0].services[1].name", 6},
      // A list in the short form has one place.
      {"agencies[0].services[1].roles[1]", 7},
      {"kinds[0]", 11},
      {"kinds[1].holder", 14},
      {"kinds[1].parameters[0].name", 15},
      {"kinds[1].parameters[1].name", 17},
      {"kinds[1].parameters[1].choices[0]", 18},
      {"kinds[1].parameters[1].choices[1]", 19},
      {"kinds[1].fields[1]", 21},
      // Not in the file: the nearest message around it.
      {"kinds[0].holder", 11},
      {"kinds[1].parameters[1].label_ko", 16},
      {"agencies[0].services[1].address", 5},
      // A list as a whole: its first.
      {"kinds", 11},
      {"affairs", 0},
      {"", 0},
  };
  for (const auto& c : kCases) EXPECT_EQ(file.Line(c.path), c.line) << c.path;
}

TEST(TextProtoTest, PathsThatAreNoneStayWithWhatIsKnown) {
  ABSL_ASSERT_OK_AND_ASSIGN(const auto file, TextProtoFile<Catalogue>::Parse("c", kCatalogue));
  for (const char* path : {"nothing", "[0]", "kinds[x]", "kinds[-1]", "kinds[1", "."}) {
    EXPECT_EQ(file.Line(path), 0) << path;
  }
  EXPECT_EQ(file.Line("kinds[1].code[0]"), 12);
  EXPECT_EQ(file.Line("kinds[1].nothing.code"), 12);
  EXPECT_EQ(file.Line("kinds[1].code.deeper"), 13);
}

TEST(TextProtoTest, ErrorAtLeavesOutWhatThereIsNot) {
  ABSL_ASSERT_OK_AND_ASSIGN(const auto file, TextProtoFile<Catalogue>::Parse("c", kCatalogue));
  EXPECT_THAT(file.ErrorAt("affairs", "there must be one"),
              StatusIs(kInvalid, "c: affairs: there must be one"));
  EXPECT_THAT(file.ErrorAt("", "is of no use"), StatusIs(kInvalid, "c: is of no use"));
}

TEST(TextProtoTest, LocationsMoveWithTheFile) {
  ABSL_ASSERT_OK_AND_ASSIGN(auto file, TextProtoFile<Catalogue>::Parse("c", kCatalogue));
  const TextProtoFile<Catalogue> moved = std::move(file);
  EXPECT_EQ(moved.Line("kinds[1].holder"), 14);
  EXPECT_EQ(moved.message().kinds(1).holder(), "123");
}

}  // namespace
}  // namespace naru
