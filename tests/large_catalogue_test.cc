// A catalogue of 300 more kinds, made up here: a broker loads it, lists it page by page, and
// releases a document of each kind, with no line of code knowing any of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "broker/base/status_macros.h"
#include "broker/base/status_matchers.h"
#include "naru/config/v1/catalogue.pb.h"
#include "tests/support/fetching.h"
#include "tests/support/test_broker.h"

namespace naru {
namespace {

using testing::SizeIs;

constexpr int kGenerated = 300;
constexpr int kKindsOfAffair = 60;  // A consent has at most 64.
constexpr char kRequester[] = "B553077";

std::string KindCode(int i) { return absl::StrFormat("GENERATED_%03d", i); }
std::string AffairCode(int affair) { return absl::StrCat("GENERATED_AFFAIR_", affair); }

config::v1::ParameterRule Rule(int i) {
  config::v1::ParameterRule rule;
  rule.set_name("condition");
  rule.set_label_ko("조건");
  rule.set_label_en("condition");
  switch (i % 4) {
    case 0:
      rule.set_type(config::v1::PARAMETER_TYPE_YEAR);
      rule.add_default_values("2025");
      break;
    case 1:
      rule.set_type(config::v1::PARAMETER_TYPE_CHOICE);
      rule.add_choices("전체");
      rule.add_choices("일부");
      rule.add_default_values("일부");
      break;
    case 2:
      rule.set_type(config::v1::PARAMETER_TYPE_BOOL);
      rule.add_default_values("false");
      break;
    default:
      rule.set_type(config::v1::PARAMETER_TYPE_DATE);
      rule.add_default_values("2026-02-28");
      break;
  }
  return rule;
}

// A kind that differs from the one before it in whatever a kind can differ in.
config::v1::DocumentKind Kind(int i) {
  config::v1::DocumentKind kind;
  kind.set_code(KindCode(i));
  kind.set_name_ko(absl::StrCat("만든 서류 ", i));
  kind.set_name_en(absl::StrCat("generated paper ", i));
  kind.set_contents_ko(absl::StrCat("내용 ", i));
  kind.set_contents_en(absl::StrCat("contents ", i));
  kind.set_holder("1741000");
  kind.set_subject_type(static_cast<v1::SubjectType>(1 + i % 6));
  kind.set_document_class(static_cast<config::v1::DocumentClass>(1 + i % 7));
  kind.set_sensitive(i % 2 == 0);
  kind.set_validity_days(static_cast<uint32_t>(1 + i));
  kind.set_fee_krw(static_cast<uint32_t>(10 * i));
  for (int field = 0; field <= i % 5; ++field) kind.add_fields(absl::StrCat("field_", field));
  if (i % 3 == 0) *kind.add_parameters() = Rule(i / 3);
  return kind;
}

void AddGenerated(config::v1::Catalogue* catalogue) {
  for (int i = 0; i < kGenerated; ++i) {
    *catalogue->add_kinds() = Kind(i);
    if (i % kKindsOfAffair == 0) {
      config::v1::Affair affair = catalogue->affairs(0);
      affair.set_code(AffairCode(i / kKindsOfAffair));
      affair.clear_kinds();
      *catalogue->add_affairs() = affair;
      config::v1::UseApproval approval = catalogue->approvals(0);
      approval.set_id(absl::StrCat("generated-", i / kKindsOfAffair));
      approval.set_affair(affair.code());
      approval.clear_kinds();
      *catalogue->add_approvals() = approval;
    }
    auto* needed = catalogue->mutable_affairs(catalogue->affairs_size() - 1)->add_kinds();
    needed->set_kind(KindCode(i));
    needed->set_reason_ko("확인합니다.");
    needed->set_reason_en("To check.");
    catalogue->mutable_approvals(catalogue->approvals_size() - 1)->add_kinds(KindCode(i));
  }
}

v1::Paper PaperOfKind(uint32_t id, const config::v1::DocumentKind& kind) {
  v1::Paper paper = PaperOf(id, kind.code());
  paper.mutable_subject()->set_type(kind.subject_type());
  switch (kind.subject_type()) {
    case v1::SUBJECT_TYPE_BUSINESS:
      paper.mutable_subject()->set_number(absl::StrFormat("%010d", id));
      break;
    case v1::SUBJECT_TYPE_CORPORATION:
      paper.mutable_subject()->set_number(absl::StrFormat("%013d", id));
      break;
    case v1::SUBJECT_TYPE_PROPERTY:
      paper.mutable_subject()->set_number(absl::StrFormat("%019d", id));
      break;
    case v1::SUBJECT_TYPE_VEHICLE:
      paper.mutable_subject()->set_number(absl::StrFormat("ZZNARU%011d", id));
      break;
    default:  // The consent's person.
      break;
  }
  return paper;
}

class LargeCatalogueTest : public testing::Test {
 protected:
  static TestSite::Options SiteOptions() {
    TestSite::Options options;
    options.body_bytes = 1024;
    options.edit_catalogue = AddGenerated;
    return options;
  }

  TestClients& clients() { return broker_.clients(); }
  TestPeer& system() { return clients().As(kSystemParty); }

  absl::StatusOr<std::vector<v1::DocumentKind>> ListAll(int page_size, int* pages) {
    std::vector<v1::DocumentKind> all;
    v1::ListKindsRequest request;
    request.set_page_size(page_size);
    do {
      ABSL_ASSIGN_OR_RETURN(const v1::ListKindsResponse page,
                            system().Call(&v1::CatalogueService::Stub::ListKinds, request));
      EXPECT_LE(page.kinds_size(), page_size);
      all.insert(all.end(), page.kinds().begin(), page.kinds().end());
      request.set_page_token(page.next_page_token());
      ++*pages;
    } while (!request.page_token().empty() && *pages <= kGenerated);
    return all;
  }

  TestBroker broker_{testing::UnitTest::GetInstance()->current_test_info()->name(), SiteOptions()};
};

TEST_F(LargeCatalogueTest, IsListedByPagesInOrderEachKindOnce) {
  const int all_kinds = broker_.site().catalogue().kinds_size();
  ASSERT_GT(all_kinds, kGenerated);
  for (const int page_size : {7, 100, 500}) {
    int pages = 0;
    ABSL_ASSERT_OK_AND_ASSIGN(const auto kinds, ListAll(page_size, &pages));
    EXPECT_EQ(pages, (all_kinds + page_size - 1) / page_size);
    ASSERT_THAT(kinds, SizeIs(all_kinds));
    EXPECT_TRUE(std::is_sorted(kinds.begin(), kinds.end(),
                               [](const auto& a, const auto& b) { return a.code() < b.code(); }));
    for (int i = 0; i < kGenerated; ++i) {
      const auto found = std::find_if(kinds.begin(), kinds.end(),
                                      [i](const auto& kind) { return kind.code() == KindCode(i); });
      ASSERT_NE(found, kinds.end()) << KindCode(i);
      const config::v1::DocumentKind expected = Kind(i);
      EXPECT_EQ(found->name_ko(), expected.name_ko());
      EXPECT_EQ(found->subject_type(), expected.subject_type());
      EXPECT_EQ(found->validity_days(), expected.validity_days());
      EXPECT_EQ(found->fee_krw(), expected.fee_krw());
      EXPECT_EQ(found->sensitive(), expected.sensitive());
      EXPECT_EQ(found->parameters_size(), expected.parameters_size());
    }
  }
}

TEST_F(LargeCatalogueTest, EveryKindIsReleased) {
  int sent = 0;
  for (int affair = 0; affair < kGenerated / kKindsOfAffair; ++affair) {
    const v1::Subject person = PersonOf(static_cast<uint64_t>(affair) + 1);
    std::vector<v1::Paper> papers;
    for (int i = 0; i < kKindsOfAffair; ++i) {
      papers.push_back(
          PaperOfKind(static_cast<uint32_t>(i) + 1, Kind(affair * kKindsOfAffair + i)));
    }
    v1::OpenConsentRequest open = clients().OpenRequest(person, papers);
    open.set_affair(AffairCode(affair));
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::OpenedConsent opened, clients().Open(open));
    ABSL_ASSERT_OK_AND_ASSIGN(const auto decided,
                              clients()
                                  .As(kCitizenParty)
                                  .Call(&v1::ConsentService::Stub::DecideConsent,
                                        clients().AgreeRequest(opened.consent(), person)));
    ASSERT_TRUE(decided.has_decided()) << v1::RefusalReason_Name(decided.refusal().reason());

    const v1::FetchDocumentsRequest request =
        clients().FetchRequest(opened.consent().consent_id(), person);
    const FetchResult fetched = Fetch(system(), request);
    ABSL_ASSERT_OK(fetched.status);
    ASSERT_THAT(fetched.papers, SizeIs(kKindsOfAffair));
    for (const auto& [paper, steps] : fetched.papers) {
      EXPECT_EQ(fetched.OutcomeOf(paper), v1::OUTCOME_SENT)
          << papers[paper - 1].kind() << " " << v1::RefusalReason_Name(fetched.ReasonOf(paper));
      ABSL_EXPECT_OK(CheckSent(broker_.site(), kRequester, request, steps));
      ++sent;
    }
  }
  EXPECT_EQ(sent, kGenerated);
}

}  // namespace
}  // namespace naru
