#ifndef NARU_ADAPTERS_HOLDER_RECORD_H_
#define NARU_ADAPTERS_HOLDER_RECORD_H_

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/holder/body.h"
#include "naru/holder/v1/document_body.pb.h"
#include "naru/holder/v1/holder_service.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// A document that the agency made before anybody asked for it.
struct ReadyDocument {
  // What the signed header says of it: fields, document number, time of issue, media type, size and
  // digests. Nothing else is set.
  holder::v1::DocumentHeader head;
  std::shared_ptr<const Body> body;
};

// What one look into a register found: whom it is about, whom it names, and the approved fields or
// a ready-made document. Document, digests and bindings are all made from the one object, so that
// they cannot come from two people's records (P3). Immutable, and so thread-safe.
class Record {
 public:
  // `subject` and `person` are what the register's row says, never what was asked for.
  Record(v1::Subject subject, v1::Subject person, std::vector<holder::v1::DocumentField> fields)
      : subject_(std::move(subject)), person_(std::move(person)), fields_(std::move(fields)) {}
  Record(v1::Subject subject, v1::Subject person, ReadyDocument ready)
      : subject_(std::move(subject)), person_(std::move(person)), ready_(std::move(ready)) {}

  const v1::Subject& subject() const { return subject_; }
  // The owner, representative or member; for kinds about a person, that person.
  const v1::Subject& person() const { return person_; }
  // Only approved ones, in document order; none when the document is ready.
  const std::vector<holder::v1::DocumentField>& fields() const { return fields_; }
  const std::optional<ReadyDocument>& ready() const { return ready_; }

  // The same record of these, who are the ones that it names, called by other numbers.
  Record Naming(v1::Subject subject, v1::Subject person) && {
    Record renamed = std::move(*this);
    renamed.subject_ = std::move(subject);
    renamed.person_ = std::move(person);
    return renamed;
  }

 private:
  v1::Subject subject_;
  v1::Subject person_;
  std::vector<holder::v1::DocumentField> fields_;
  std::optional<ReadyDocument> ready_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_RECORD_H_
