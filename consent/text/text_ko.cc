#include "consent/text/words.h"

namespace naru {

const Words& KoreanWords() {
  static const auto* const kWords = [] {
    auto* words = new Words();
    words->title = "서류 확인 동의";
    words->requester = "서류를 확인하려는 기관: $0";
    words->affair = "신청하신 일: $0";
    words->purpose = "쓰는 목적: $0";
    words->legal_basis = "법적 근거: $0";
    words->one_paper = "확인할 서류: $0종";
    words->papers = "확인할 서류: $0종";
    words->paper = "($0) $1";
    words->holder = "서류를 가지고 있는 기관: $0";
    words->contents = "들어 있는 내용: $0";
    words->fewer_fields = "이 가운데 이번 신청에 필요한 항목만 확인합니다.";
    words->reason = "필요한 이유: $0";
    words->condition = "조건: $0 $1";
    words->year = "$0년";
    words->yes = "예";
    words->no = "아니요";
    words->about_person = "누구의 서류: 본인";
    words->about_household = "누구의 서류: 본인과 같은 세대";
    words->about_business = "무엇의 서류: 사업자등록번호가 $0(으)로 끝나는 사업장";
    words->about_corporation = "무엇의 서류: 법인등록번호가 $0(으)로 끝나는 법인";
    words->about_property = "무엇의 서류: 고유번호가 $0(으)로 끝나는 부동산";
    words->about_vehicle = "무엇의 서류: 번호가 $0(으)로 끝나는 자동차";
    words->sensitive = "건강에 관한 정보나 주민등록번호처럼 특별히 보호하는 정보가 들어 있습니다.";
    words->end = "이번 신청에만 쓰고, 늦어도 $0년 $1월 $2일에 끝납니다.";
    words->one_use = "서류는 한 번만 확인합니다.";
    words->uses = "서류는 $0번까지 확인할 수 있습니다.";
    words->retention = "받은 서류는 $0일 동안만 보관하고, 그 뒤에는 파기합니다.";
    words->each_paper = "서류마다 따로 동의하거나 동의하지 않을 수 있습니다.";
    words->no_disadvantage =
        "동의하지 않아도 불이익은 없습니다. 다만 그 서류는 직접 내셔야 합니다.";
    words->withdraw = "언제든지 철회할 수 있습니다.";

    words->sms_code = "[$0] 서류 확인 동의 인증번호 $1 ($2분). 공무원은 이 번호를 묻지 않습니다.";
    words->sms_requested = "[$0] 서류 확인 동의 요청 $1. $2 앱 또는 창구에서 확인하세요.";
    words->sms_seen_one = "[$0] $1 $2 서류 $3종을 확인했습니다. 자세히: $4 앱, 문의 $5";
    words->sms_seen = "[$0] $1 $2 서류 $3종을 확인했습니다. 자세히: $4 앱, 문의 $5";
    words->sms_withdrawn = "동의를 철회했습니다. 이제 이 동의로 서류가 나가지 않습니다. 기록 $0";
    return words;
  }();
  return *kWords;
}

}  // namespace naru
