#include "consent/text/consent_text.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/text/words.h"

namespace naru {
namespace {

constexpr size_t kShownOfNumber = 4;

absl::string_view LastOf(absl::string_view number) {
  return number.substr(number.size() - std::min(number.size(), kShownOfNumber));
}

// Writes one text, line by line.
class Writer {
 public:
  Writer(const Catalogue& catalogue, const ConsentTerms& terms, const Words& words, bool english)
      : catalogue_(catalogue), terms_(terms), words_(words), english_(english) {}

  absl::StatusOr<std::string> Write() {
    const config::v1::Agency* requester = catalogue_.FindAgency(terms_.requester);
    const config::v1::Affair* affair = catalogue_.FindAffair(terms_.affair);
    if (requester == nullptr || affair == nullptr || terms_.papers.empty()) {
      return InternalFault("a consent names what the catalogue does not have");
    }
    Line(words_.title);
    Line("");
    Line(words_.requester, Pick(requester->name_ko(), requester->name_en()));
    Line(words_.affair, Pick(affair->name_ko(), affair->name_en()));
    Line(words_.purpose, Pick(affair->purpose_ko(), affair->purpose_en()));
    Line(words_.legal_basis, affair->legal_basis());
    const size_t papers = terms_.papers.size();
    Line(papers == 1 ? words_.one_paper : words_.papers, papers);
    for (size_t i = 0; i < papers; ++i) {
      ABSL_RETURN_IF_ERROR(WritePaper(i + 1, terms_.papers[i]));
    }
    Line("");
    WriteTerms();
    return std::move(text_);
  }

 private:
  template <typename... Args>
  void Line(const char* format, const Args&... args) {
    absl::SubstituteAndAppend(&text_, format, args...);
    text_.push_back('\n');
  }
  template <typename... Args>
  void Detail(const char* format, const Args&... args) {
    text_.append("  - ");
    Line(format, args...);
  }
  const std::string& Pick(const std::string& korean, const std::string& english) const {
    return english_ ? english : korean;
  }

  absl::Status WritePaper(size_t number, const v1::Paper& paper) {
    const config::v1::DocumentKind* kind = catalogue_.FindKind(paper.kind());
    const config::v1::AffairKind* needed = catalogue_.FindAffairKind(terms_.affair, paper.kind());
    if (kind == nullptr || needed == nullptr) {
      return InternalFault("a consent names what the catalogue does not have");
    }
    const config::v1::Agency& holder = *catalogue_.HolderOf(paper.kind())->agency;
    Line("");
    Line(words_.paper, number, Pick(kind->name_ko(), kind->name_en()));
    Detail(words_.holder, Pick(holder.name_ko(), holder.name_en()));
    Detail(words_.contents, Pick(kind->contents_ko(), kind->contents_en()));
    const size_t fields = catalogue_.ApprovedFields(paper.kind(), terms_.affair).size();
    if (fields < static_cast<size_t>(kind->fields_size())) Detail(words_.fewer_fields);
    Detail(words_.reason, Pick(needed->reason_ko(), needed->reason_en()));
    Detail(About(kind->subject_type()), LastOf(paper.subject().number()));
    for (const v1::Parameter& parameter : paper.parameters()) {
      ABSL_RETURN_IF_ERROR(WriteCondition(*kind, parameter));
    }
    if (kind->sensitive()) Detail(words_.sensitive);
    return absl::OkStatus();
  }

  absl::Status WriteCondition(const config::v1::DocumentKind& kind,
                              const v1::Parameter& parameter) {
    const auto rule = std::find_if(
        kind.parameters().begin(), kind.parameters().end(),
        [&](const config::v1::ParameterRule& one) { return one.name() == parameter.name(); });
    if (rule == kind.parameters().end()) {
      return InternalFault("a paper has a parameter that its kind does not take");
    }
    const auto show = [&](std::string* out, const std::string& value) {
      if (rule->type() == config::v1::PARAMETER_TYPE_YEAR) {
        absl::SubstituteAndAppend(out, words_.year, value);
      } else if (rule->type() == config::v1::PARAMETER_TYPE_BOOL) {
        absl::StrAppend(out, value == "true" ? words_.yes : words_.no);
      } else {
        absl::StrAppend(out, value);
      }
    };
    Detail(words_.condition, Pick(rule->label_ko(), rule->label_en()),
           absl::StrJoin(parameter.values(), ", ", show));
    return absl::OkStatus();
  }

  const char* About(v1::SubjectType type) const {
    switch (type) {
      case v1::SUBJECT_TYPE_HOUSEHOLD:
        return words_.about_household;
      case v1::SUBJECT_TYPE_BUSINESS:
        return words_.about_business;
      case v1::SUBJECT_TYPE_CORPORATION:
        return words_.about_corporation;
      case v1::SUBJECT_TYPE_PROPERTY:
        return words_.about_property;
      case v1::SUBJECT_TYPE_VEHICLE:
        return words_.about_vehicle;
      default:
        return words_.about_person;
    }
  }

  void WriteTerms() {
    // Korea has had no summer time since 1988, so that no time zone database is needed.
    const absl::TimeZone korea = absl::FixedTimeZone(9 * 60 * 60);
    const absl::CivilDay day = absl::ToCivilDay(terms_.valid_until, korea);
    Line(words_.end, day.year(), day.month(), day.day(),
         absl::FormatTime("%B", terms_.valid_until, korea));
    Line(terms_.uses == 1 ? words_.one_use : words_.uses, terms_.uses);
    Line(words_.retention, terms_.retention_days);
    Line(words_.each_paper);
    Line(words_.no_disadvantage);
    Line(words_.withdraw);
  }

  const Catalogue& catalogue_;
  const ConsentTerms& terms_;
  const Words& words_;
  const bool english_;
  std::string text_;
};

}  // namespace

absl::StatusOr<ConsentText> MakeConsentText(const Catalogue& catalogue, const ConsentTerms& terms,
                                            absl::string_view language) {
  const bool english = language == "en";
  if (!english && language != "ko") return FieldMalformed("language", "\"ko\" or \"en\"");
  Writer writer(catalogue, terms, english ? EnglishWords() : KoreanWords(), english);
  ABSL_ASSIGN_OR_RETURN(std::string text, writer.Write());
  return ConsentText{std::string(kConsentTextVersion), std::move(text)};
}

}  // namespace naru
