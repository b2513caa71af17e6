#include "deploy/people/names.h"

#include "absl/strings/str_cat.h"

namespace naru::people {
namespace {

struct WeightedName {
  const char* name;
  int weight;
};

// Shares per thousand, rounded from the 2015 census; the rare ones are a choice of the rest.
constexpr WeightedName kSurnames[] = {
    {"김", 215}, {"이", 147}, {"박", 84}, {"최", 47}, {"정", 48}, {"강", 24},  {"조", 21},
    {"윤", 21},  {"장", 20},  {"임", 17}, {"한", 16}, {"오", 15}, {"서", 15},  {"신", 15},
    {"권", 14},  {"황", 14},  {"안", 14}, {"송", 14}, {"전", 11}, {"홍", 11},  {"유", 11},
    {"고", 9},   {"문", 9},   {"양", 9},  {"손", 9},  {"배", 8},  {"백", 8},   {"허", 7},
    {"남", 6},   {"심", 5},   {"노", 5},  {"하", 5},  {"곽", 4},  {"성", 4},   {"차", 4},
    {"주", 4},   {"우", 4},   {"구", 4},  {"민", 4},  {"류", 4},  {"나", 3},   {"진", 3},
    {"지", 3},   {"엄", 3},   {"채", 3},  {"원", 3},  {"천", 2},  {"방", 2},   {"공", 2},
    {"현", 2},   {"함", 2},   {"변", 2},  {"염", 1},  {"여", 1},  {"추", 1},   {"도", 1},
    {"소", 1},   {"석", 1},   {"선", 1},  {"설", 1},  {"마", 1},  {"남궁", 1}, {"황보", 1},
};

constexpr const char* kMenBefore1965[] = {
    "영수", "영호", "영철", "정호", "성호", "상철", "종수", "광수", "병호", "경수", "정식",
    "재호", "용수", "태식", "기철", "동식", "만수", "순철", "창호", "인수", "승호", "명수",
    "진호", "재수", "춘식", "덕수", "영길", "길수", "남수", "철수", "봉수", "상호"};
constexpr const char* kWomenBefore1965[] = {
    "영숙", "정숙", "순자", "영자", "정자", "미자", "명숙", "경숙", "영희", "정희", "순희",
    "옥순", "춘자", "복순", "말순", "경자", "숙자", "현숙", "은숙", "인숙", "미숙", "혜숙",
    "명자", "순옥", "금순", "옥자", "영순", "정순", "경희", "명희", "옥희", "숙희"};
constexpr const char* kMenBefore1990[] = {
    "지훈", "성민", "현우", "동현", "상훈", "정훈", "성훈", "준호", "민수", "재현", "승현",
    "영민", "진우", "태훈", "병철", "용호", "기현", "동욱", "재영", "성진", "경민", "대현",
    "종현", "정우", "상우", "형준", "석진", "창민", "우진", "원석", "도형", "광현"};
constexpr const char* kWomenBefore1990[] = {
    "미경", "은정", "지영", "은영", "현정", "미영", "수진", "지은", "선영", "혜진", "유진",
    "정은", "민정", "경미", "소영", "윤정", "미선", "지현", "보영", "은주", "희정", "수현",
    "진희", "은경", "미정", "주연", "지혜", "아영", "효진", "혜정", "선희", "나영"};
constexpr const char* kMenSince1990[] = {
    "민준", "서준", "도윤", "예준", "시우", "하준", "주원", "지호", "준서", "건우", "현준",
    "지후", "우진", "선우", "서진", "민재", "현서", "연우", "정우", "승우", "승민", "준혁",
    "시윤", "유준", "은우", "지환", "동하", "재윤", "태양", "한결", "이안", "로운"};
constexpr const char* kWomenSince1990[] = {
    "서연", "서윤", "지우", "서현", "하은", "하윤", "민서", "지유", "윤서", "채원", "지민",
    "수아", "지아", "다은", "은서", "예은", "지윤", "소율", "예린", "유나", "수빈", "가은",
    "시은", "나은", "아린", "다인", "세아", "채은", "보민", "한별", "새봄", "이슬"};

}  // namespace

std::string Surname(Rng& rng) { return rng.PickWeighted(kSurnames).name; }

std::string ForeignName(Rng& rng) {
  constexpr const char* kFirst[] = {"MAI", "LAN", "AN", "DAO", "NIRA", "SOM", "AZIZ", "TARA"};
  constexpr const char* kLast[] = {"NARUVAN",  "FERRYMAN", "RIVERA NA",
                                   "MULGYEOL", "BAEGIL",   "SEOMJIN"};
  return absl::StrCat(rng.Pick(kLast), " ", rng.Pick(kFirst), " ", rng.Pick(kFirst));
}

std::string GivenName(Rng& rng, Sex sex, int birth_year) {
  const bool man = sex == Sex::kMale;
  if (birth_year < 1965) return man ? rng.Pick(kMenBefore1965) : rng.Pick(kWomenBefore1965);
  if (birth_year < 1990) return man ? rng.Pick(kMenBefore1990) : rng.Pick(kWomenBefore1990);
  return man ? rng.Pick(kMenSince1990) : rng.Pick(kWomenSince1990);
}

}  // namespace naru::people
