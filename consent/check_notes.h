#ifndef NARU_CONSENT_CHECK_NOTES_H_
#define NARU_CONSENT_CHECK_NOTES_H_

#include <cstdint>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "broker/base/ids.h"
#include "consent/change.h"
#include "naru/v1/error_reason.pb.h"

namespace naru {

// Machine checks that wait to be entered: one line for equal ones, with a count. Not thread-safe.
class CheckNotes {
 public:
  // False when the check needs a line and limits::kCheckNotes are waiting.
  bool Note(const std::string& requester, const std::string& caller, const std::string& consent_id,
            const SubjectId& subject, v1::RefusalReason reason);

  bool empty() const { return lines_.empty(); }

  // Adds lines that could not be entered again, whatever the limit.
  void PutBack(const CheckNotes& notes);

  // The change that enters them: for each requester and caller CHECKS entries of at most
  // limits::kChecksPerEntry lines, outside the order of persons, and a history row for each person
  // of an entry. Locks nobody: the rows are new.
  Change MakeChange() const;

 private:
  using Key = std::tuple<std::string, std::string, std::string, v1::RefusalReason>;
  struct Line {
    SubjectId subject;
    uint32_t count = 0;
  };
  absl::flat_hash_map<Key, Line> lines_;
};

}  // namespace naru

#endif  // NARU_CONSENT_CHECK_NOTES_H_
