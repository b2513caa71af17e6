#ifndef NARU_CONSENT_ANSWER_DIGESTS_H_
#define NARU_CONSENT_ANSWER_DIGESTS_H_

#include <string>

namespace naru {

// What a release rests on: a holder's answer of FOUND or NO_RECORD, whose header was checked.
struct AnswerDigests {
  std::string header_sha256;
  std::string document_sha256;  // Empty for NO_RECORD.
  bool no_record = false;
};

}  // namespace naru

#endif  // NARU_CONSENT_ANSWER_DIGESTS_H_
