#include "consent/text/words.h"

namespace naru {

const Words& EnglishWords() {
  static const auto* const kWords = [] {
    auto* words = new Words();
    words->title = "Consent to have papers checked";
    words->requester = "Agency that wants to check the papers: $0";
    words->affair = "What you applied for: $0";
    words->purpose = "What the papers are used for: $0";
    words->legal_basis = "Legal basis: $0";
    words->one_paper = "To be checked: $0 paper";
    words->papers = "To be checked: $0 papers";
    words->paper = "($0) $1";
    words->holder = "Agency that has the paper: $0";
    words->contents = "What is in it: $0";
    words->fewer_fields = "Of this only what the application needs is checked.";
    words->reason = "Why it is needed: $0";
    words->condition = "Condition: $0 $1";
    words->year = "$0";
    words->yes = "yes";
    words->no = "no";
    words->about_person = "Whose paper: yours";
    words->about_household = "Whose paper: your household's";
    words->about_business = "Whose paper: the business whose registration number ends in $0";
    words->about_corporation = "Whose paper: the corporation whose registration number ends in $0";
    words->about_property = "Whose paper: the property whose number ends in $0";
    words->about_vehicle = "Whose paper: the vehicle whose number ends in $0";
    words->sensitive =
        "It holds specially protected information, such as about health or a resident number.";
    words->end = "The consent is for this application only and ends on $2 $3 $0 at the latest.";
    words->one_use = "The papers are checked once only.";
    words->uses = "The papers can be checked up to $0 times.";
    words->retention = "The papers are kept for at most $0 days and then destroyed.";
    words->each_paper = "You can agree or not agree to each paper by itself.";
    words->no_disadvantage =
        "Not agreeing brings you no disadvantage. You then have to hand in that paper yourself.";
    words->withdraw = "You can withdraw at any time.";

    words->sms_code = "[$0] Code $1 to agree on papers ($2 min). Officials never ask for it.";
    words->sms_requested = "[$0] Consent request $1. See the $2 app or ask the counter.";
    words->sms_seen_one = "[$0] $1 $2: $3 paper was checked. See $4 app or call $5.";
    words->sms_seen = "[$0] $1 $2: $3 papers were checked. See $4 app or call $5.";
    words->sms_withdrawn = "You withdrew. No paper goes out under that consent any more. Record $0";
    return words;
  }();
  return *kWords;
}

}  // namespace naru
