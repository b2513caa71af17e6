#ifndef NARU_CONSENT_TEXT_WORDS_H_
#define NARU_CONSENT_TEXT_WORDS_H_

// Every word that a citizen reads from the broker, one struct a language: text_ko.cc and text_en.cc
// hold nothing else. $0, $1, ... are filled in by absl::Substitute. Whoever changes a word of a
// consent's text changes kConsentTextVersion.
namespace naru {

struct Words {
  // --- Consent text ---
  const char* title;
  const char* requester;    // $0 agency.
  const char* affair;       // $0 affair.
  const char* purpose;      // $0 purpose.
  const char* legal_basis;  // $0 law article.
  const char* one_paper;    // $0 is 1.
  const char* papers;       // $0 number.
  const char* paper;        // $0 number, $1 name.
  const char* holder;       // $0 agency.
  const char* contents;     // $0 contents.
  const char* fewer_fields;
  const char* reason;     // $0 reason.
  const char* condition;  // $0 label, $1 values.
  const char* year;       // $0 year.
  const char* yes;
  const char* no;
  // $0 the last characters of the number, in those that have one.
  const char* about_person;
  const char* about_household;
  const char* about_business;
  const char* about_corporation;
  const char* about_property;
  const char* about_vehicle;
  const char* sensitive;
  const char* end;        // $0 year, $1 month, $2 day, $3 month's name.
  const char* one_use;    // $0 is 1.
  const char* uses;       // $0 number.
  const char* retention;  // $0 days.
  const char* each_paper;
  const char* no_disadvantage;
  const char* withdraw;

  // --- Messages; $0 is the agency's sms_name unless said otherwise ---
  const char* sms_code;       // $1 code, $2 minutes.
  const char* sms_requested;  // $1 request number, $2 app.
  const char* sms_seen_one;   // As sms_seen, for one paper.
  const char* sms_seen;       // $1 month/day, $2 time, $3 papers, $4 app, $5 telephone.
  const char* sms_withdrawn;  // $0 ledger index.
};

const Words& KoreanWords();
const Words& EnglishWords();

}  // namespace naru

#endif  // NARU_CONSENT_TEXT_WORDS_H_
