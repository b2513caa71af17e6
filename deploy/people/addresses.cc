#include "deploy/people/addresses.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "glog/logging.h"

namespace naru::people {
namespace {

struct District {
  const char* sido;
  const char* sigungu;
  const char* postal;  // The first three digits.
  const char* tax_office;
  const char* tax_office_code;
  const char* dongs[3];
  const char* roads[4];
  int weight;
};

// Seocho is heavier than in life: the demo's counter is there.
constexpr District kDistricts[] = {
    {"서울특별시",
     "서초구",
     "065",
     "서초",
     "214",
     {"서초동", "반포동", "방배동"},
     {"반포대로", "서초대로", "방배로", "효령로"},
     12},
    {"서울특별시",
     "강남구",
     "061",
     "강남",
     "211",
     {"역삼동", "대치동", "삼성동"},
     {"테헤란로", "도곡로", "봉은사로", "언주로"},
     6},
    {"서울특별시",
     "송파구",
     "055",
     "송파",
     "215",
     {"잠실동", "가락동", "문정동"},
     {"올림픽로", "송파대로", "백제고분로", "중대로"},
     6},
    {"서울특별시",
     "강서구",
     "076",
     "강서",
     "109",
     {"화곡동", "등촌동", "마곡동"},
     {"공항대로", "화곡로", "강서로", "양천로"},
     5},
    {"서울특별시",
     "관악구",
     "087",
     "관악",
     "144",
     {"봉천동", "신림동", "남현동"},
     {"관악로", "남부순환로", "봉천로", "신림로"},
     5},
    {"서울특별시",
     "마포구",
     "040",
     "마포",
     "105",
     {"서교동", "합정동", "성산동"},
     {"월드컵로", "양화로", "마포대로", "독막로"},
     4},
    {"서울특별시",
     "은평구",
     "033",
     "은평",
     "147",
     {"불광동", "응암동", "진관동"},
     {"통일로", "은평로", "연서로", "진관로"},
     4},
    {"서울특별시",
     "노원구",
     "017",
     "노원",
     "217",
     {"상계동", "중계동", "월계동"},
     {"동일로", "노해로", "한글비석로", "덕릉로"},
     4},
    {"서울특별시",
     "종로구",
     "030",
     "종로",
     "101",
     {"사직동", "혜화동", "평창동"},
     {"자하문로", "종로", "율곡로", "창경궁로"},
     2},
    {"부산광역시",
     "해운대구",
     "480",
     "해운대",
     "617",
     {"우동", "중동", "좌동"},
     {"해운대로", "센텀중앙로", "좌동로", "마린시티1로"},
     4},
    {"부산광역시",
     "사하구",
     "493",
     "서부산",
     "603",
     {"괴정동", "하단동", "다대동"},
     {"낙동대로", "하신번영로", "다대로", "사하로"},
     3},
    {"대구광역시",
     "수성구",
     "420",
     "수성",
     "502",
     {"범어동", "만촌동", "지산동"},
     {"달구벌대로", "동대구로", "수성로", "무학로"},
     4},
    {"인천광역시",
     "부평구",
     "213",
     "북인천",
     "122",
     {"부평동", "산곡동", "삼산동"},
     {"부평대로", "경원대로", "길주로", "장제로"},
     4},
    {"인천광역시",
     "연수구",
     "219",
     "연수",
     "131",
     {"송도동", "연수동", "동춘동"},
     {"컨벤시아대로", "청능대로", "원인재로", "송도과학로"},
     3},
    {"광주광역시",
     "북구",
     "611",
     "북광주",
     "409",
     {"용봉동", "두암동", "운암동"},
     {"용봉로", "북문대로", "서하로", "동문대로"},
     3},
    {"대전광역시",
     "유성구",
     "341",
     "북대전",
     "314",
     {"봉명동", "궁동", "노은동"},
     {"대학로", "유성대로", "노은로", "엑스포로"},
     3},
    {"울산광역시",
     "남구",
     "446",
     "울산",
     "610",
     {"삼산동", "달동", "무거동"},
     {"삼산로", "돋질로", "대학로", "번영로"},
     2},
    {"세종특별자치시",
     "",
     "301",
     "세종",
     "320",
     {"나성동", "도담동", "보람동"},
     {"한누리대로", "도움1로", "보듬3로", "시청대로"},
     2},
    {"경기도",
     "수원시 영통구",
     "165",
     "동수원",
     "135",
     {"영통동", "매탄동", "이의동"},
     {"영통로", "매영로", "광교중앙로", "봉영로"},
     5},
    {"경기도",
     "성남시 분당구",
     "135",
     "분당",
     "144",
     {"정자동", "서현동", "수내동"},
     {"성남대로", "불정로", "황새울로", "분당로"},
     4},
    {"경기도",
     "고양시 일산동구",
     "104",
     "고양",
     "128",
     {"장항동", "마두동", "식사동"},
     {"중앙로", "고봉로", "정발산로", "호수로"},
     4},
    {"경기도",
     "용인시 수지구",
     "168",
     "용인",
     "142",
     {"풍덕천동", "죽전동", "성복동"},
     {"수지로", "포은대로", "성복2로", "죽전로"},
     4},
    {"경기도",
     "부천시",
     "145",
     "부천",
     "130",
     {"중동", "상동", "심곡동"},
     {"부천로", "길주로", "소향로", "신흥로"},
     4},
    {"경기도",
     "화성시",
     "184",
     "동화성",
     "151",
     {"반송동", "병점동", "능동"},
     {"동탄중앙로", "효행로", "노작로", "동탄반석로"},
     4},
    {"강원특별자치도",
     "춘천시",
     "243",
     "춘천",
     "221",
     {"석사동", "퇴계동", "후평동"},
     {"영서로", "퇴계로", "중앙로", "후석로"},
     2},
    {"충청북도",
     "청주시 흥덕구",
     "284",
     "청주",
     "301",
     {"가경동", "복대동", "오송읍"},
     {"가로수로", "직지대로", "대농로", "풍년로"},
     3},
    {"충청남도",
     "천안시 서북구",
     "311",
     "천안",
     "312",
     {"불당동", "쌍용동", "성정동"},
     {"불당대로", "쌍용대로", "백석로", "성정로"},
     3},
    {"전북특별자치도",
     "전주시 완산구",
     "549",
     "전주",
     "402",
     {"효자동", "삼천동", "서신동"},
     {"홍산로", "용머리로", "서신로", "백제대로"},
     3},
    {"전라남도",
     "순천시",
     "579",
     "순천",
     "416",
     {"조례동", "연향동", "왕지동"},
     {"중앙로", "연향번영길", "왕지로", "백강로"},
     2},
    {"경상북도",
     "포항시 남구",
     "377",
     "포항",
     "506",
     {"대잠동", "지곡동", "오천읍"},
     {"포스코대로", "새천년대로", "지곡로", "희망대로"},
     2},
    {"경상남도",
     "창원시 성산구",
     "515",
     "창원",
     "609",
     {"상남동", "반림동", "사파동"},
     {"상남로", "원이대로", "창원대로", "용지로"},
     3},
    {"제주특별자치도",
     "제주시",
     "632",
     "제주",
     "616",
     {"노형동", "이도이동", "아라일동"},
     {"노형로", "연북로", "중앙로", "도령로"},
     2},
};

Address Place(Rng& rng, const District& district, const std::string& inside) {
  Address address;
  address.sido = district.sido;
  address.sigungu = district.sigungu;
  address.legal_dong = rng.Pick(district.dongs);
  address.postal_code = absl::StrFormat("%s%02d", district.postal, rng.Between(0, 99));
  address.tax_office = absl::StrCat(district.tax_office, "세무서");
  address.tax_office_code = district.tax_office_code;
  const std::string town =
      absl::StrCat(district.sido, address.sigungu.empty() ? "" : " ", district.sigungu);
  address.line = absl::StrCat(town, " ", rng.Pick(district.roads), " ", rng.Between(3, 480), ", ",
                              inside, " (", address.legal_dong, ")");
  address.lot = absl::StrCat(town, " ", address.legal_dong, " ", rng.Between(1, 1400), "-",
                             rng.Between(1, 40));
  return address;
}

Address Home(Rng& rng, const District& district) {
  const int64_t flat = rng.Between(1, 24) * 100 + rng.Between(1, 6);
  const std::string inside = rng.Chance(70)
                                 ? absl::StrCat(rng.Between(101, 118), "동 ", flat, "호")
                                 : absl::StrCat(rng.Between(1, 4) * 100 + rng.Between(1, 4), "호");
  return Place(rng, district, inside);
}

const District* FindDistrict(absl::string_view sido, absl::string_view sigungu) {
  for (const District& district : kDistricts) {
    if (sigungu == district.sigungu && (sido.empty() || sido == district.sido)) return &district;
  }
  return nullptr;
}

}  // namespace

Address HomeAddress(Rng& rng) { return Home(rng, rng.PickWeighted(kDistricts)); }

Address HomeAddressIn(Rng& rng, absl::string_view sigungu) {
  const District* district = FindDistrict("", sigungu);
  CHECK(district != nullptr) << "no district " << sigungu;
  return Home(rng, *district);
}

Address ShopAddress(Rng& rng, const Address& home) {
  const District* district = FindDistrict(home.sido, home.sigungu);
  CHECK(district != nullptr);
  return Place(rng, *district, absl::StrCat(rng.Between(1, 5), "층 ", rng.Between(101, 120), "호"));
}

}  // namespace naru::people
