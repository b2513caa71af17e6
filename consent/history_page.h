#ifndef NARU_CONSENT_HISTORY_PAGE_H_
#define NARU_CONSENT_HISTORY_PAGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/base/ids.h"
#include "consent/rules_context.h"
#include "naru/v1/history_service.pb.h"

// Pages of a history, newest first: which entries, and what of each its reader may see. All of it
// reads rows and the ledger.
namespace naru {

// What a reader asks for. `before`: only entries with a smaller index.
struct PageQuestion {
  int size = 0;
  std::optional<uint64_t> before;
};
// FieldMalformed("page_size") and ("page_token"). A token is the last index of the page before: it
// opens nothing that the reader may not list anyway.
absl::StatusOr<PageQuestion> AskPage(int32_t page_size, absl::string_view page_token);
std::string PageToken(uint64_t last_index);

// Indexes of the person's entries, the newest first, at most size + 1: one more than the page says
// that another follows.
absl::StatusOr<std::vector<uint64_t>> ListPersonIndexes(const RulesContext& context,
                                                        const SubjectId& subject,
                                                        const PageQuestion& page);
// The same of a case, from all shards.
absl::StatusOr<std::vector<uint64_t>> ListCaseIndexes(const RulesContext& context,
                                                      const std::string& case_hash,
                                                      const PageQuestion& page);

// Cuts the indexes to the page and sets the page's token when one more follows.
void CutToPage(const PageQuestion& question, std::vector<uint64_t>& indexes, v1::HistoryPage* page);

// The entry as its person may see it: no official, no terminal; of CHECKS only the own lines. Only
// its index when its term ended.
absl::StatusOr<v1::HistoryEntry> EntryForPerson(const RulesContext& context,
                                                const SubjectId& subject,
                                                const std::string& data_key, uint64_t index);

// Entries as the agency of their case may see them. Not thread-safe.
class AgencyEntries {
 public:
  // `context` must outlive the object.
  AgencyEntries(const RulesContext* context, std::string agency)
      : context_(context), agency_(std::move(agency)) {}

  // nullopt for an entry that does not name the agency.
  absl::StatusOr<std::optional<v1::HistoryEntry>> Read(uint64_t index);
  // Whom the entries read so far are about; without those who were erased.
  std::vector<SubjectId> subjects() const;

 private:
  absl::StatusOr<std::optional<std::string>> DataKey(const SubjectId& subject);

  const RulesContext* const context_;
  const std::string agency_;
  std::map<SubjectId, std::optional<std::string>> data_keys_;
};

}  // namespace naru

#endif  // NARU_CONSENT_HISTORY_PAGE_H_
