#ifndef NARU_ADAPTERS_HOLDER_RECORD_H_
#define NARU_ADAPTERS_HOLDER_RECORD_H_

#include <utility>
#include <vector>

#include "naru/holder/v1/document_body.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// What one look into a register found: whom it is about, whom it names, and the approved fields.
// Document, digests and bindings are all made from the one object, so that they cannot come from
// two people's records (P3). Immutable, and so thread-safe.
class Record {
 public:
  // `subject` and `person` are what the register's row says, never what was asked for.
  Record(v1::Subject subject, v1::Subject person, std::vector<holder::v1::DocumentField> fields)
      : subject_(std::move(subject)), person_(std::move(person)), fields_(std::move(fields)) {}

  const v1::Subject& subject() const { return subject_; }
  // The owner, representative or member; for kinds about a person, that person.
  const v1::Subject& person() const { return person_; }
  // Only approved ones, in document order.
  const std::vector<holder::v1::DocumentField>& fields() const { return fields_; }

 private:
  v1::Subject subject_;
  v1::Subject person_;
  std::vector<holder::v1::DocumentField> fields_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_RECORD_H_
