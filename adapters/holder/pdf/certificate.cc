#include "adapters/holder/pdf/certificate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapters/holder/pdf/columns.h"

namespace naru {
namespace {

using holder::v1::DocumentField;

constexpr double kText = 9.5;
constexpr double kSmall = 8;
constexpr double kTitle = 25;
constexpr double kLabelWidth = 92;
constexpr double kSeal = 58;
constexpr size_t kColumnsMax = 6;  // Of fields that differ by a parameter's value.
constexpr double kFootHeight = 12;

// In Korea, where the paper is read.
absl::TimeZone Korea() { return absl::FixedTimeZone(9 * 60 * 60); }

bool IsSimple(const DocumentField& field) { return !field.has_table() && field.values().empty(); }

bool SameValues(const DocumentField& a, const DocumentField& b) {
  if (a.values_size() != b.values_size()) return false;
  for (int i = 0; i < a.values_size(); ++i) {
    if (a.values(i).of() != b.values(i).of()) return false;
  }
  return true;
}

std::vector<std::string> Syllables(const std::string& text) {
  std::vector<std::string> syllables;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80 && !syllables.empty()) {
      syllables.back() += c;
    } else if (c != ' ') {
      syllables.emplace_back(1, c);
    }
  }
  return syllables;
}

// A name as it stands on a seal.
struct SealGrid {
  std::vector<std::string> syllables;
  size_t columns = 1;
  size_t rows = 1;
};

// With as many words for "seal" as make it a full rectangle.
SealGrid GridOf(const std::string& name) {
  SealGrid grid;
  for (const char* seal : {"인", "의인", "의직인", "인"}) {
    grid.syllables = Syllables(absl::StrCat(name, seal));
    const size_t count = grid.syllables.size();
    grid.columns = static_cast<size_t>(std::ceil(std::sqrt(count)));
    grid.rows = (count + grid.columns - 1) / grid.columns;
    if (grid.columns * grid.rows == count) break;
  }
  return grid;
}

}  // namespace

class Certificate::Drawing {
 public:
  Drawing(const Certificate& paper, cairo_t* canvas, int sheets,
          const std::function<bool(int)>& may_go_on)
      : paper_(paper),
        body_(paper.body_),
        size_(paper.size_),
        canvas_(canvas),
        sheets_(sheets),
        sheet_(
            canvas, size_, [this](int number) { return BeginSheet(number); }, may_go_on) {}

  Drawn Run() {
    for (int i = 0; i < body_.fields_size();) {
      const DocumentField& field = body_.fields(i);
      if (IsSimple(field)) {
        i += SimpleFields(i);
      } else if (field.has_table()) {
        Table(field.label(), PrintedList(field.table()));
        ++i;
      } else {
        i += ValuesFields(i);
      }
    }
    Closing();
    return {sheet_.sheets(), sheet_.whole(), setter_.glyph_missing()};
  }

 private:
  TextBlock Set(absl::string_view text, const TextStyle& style, double width) {
    return setter_.Set(text, style, width);
  }
  static TextStyle Small(Align align = Align::kLeft) {
    TextStyle style;
    style.size = kSmall;
    style.align = align;
    return style;
  }
  void Black() const {
    if (canvas_ != nullptr) cairo_set_source_rgb(canvas_, 0, 0, 0);
  }

  Sheets::Space BeginSheet(int number) {
    Black();
    double y = SheetSize::kMargin - 14;
    y += Place(Set(absl::StrCat("문서확인번호: ", body_.document_number()), Small(), size_.inner()),
               size_.left(), y);
    y = number == 1 ? FirstHead(y + 16) : LaterHead(y + 6);
    return {y, Foot(number)};
  }

  // Draws at a place of its own; gives its height.
  double Place(const TextBlock& text, double x, double y) const {
    if (canvas_ != nullptr) text.Draw(canvas_, x, y);
    return text.height();
  }

  double FirstHead(double y) {
    TextStyle title;
    title.size = kTitle;
    title.face = Face::kSerif;
    title.bold = true;
    title.align = Align::kCenter;
    title.spacing = 4;
    y += Place(Set(body_.title(), title, size_.inner()), size_.left(), y);
    if (!paper_.form_.subtitle().empty()) {
      TextStyle subtitle;
      subtitle.size = 10.5;
      subtitle.face = Face::kSerif;
      subtitle.align = Align::kCenter;
      y += Place(Set(paper_.form_.subtitle(), subtitle, size_.inner()), size_.left(), y);
    }
    y += 8;
    Rule(y, 1.4);
    Rule(y + 2.6, 0.5);
    return y + 16;
  }

  double LaterHead(double y) {
    TextStyle style;
    style.bold = true;
    style.face = Face::kSerif;
    style.size = 11;
    y +=
        Place(Set(absl::StrCat(body_.title(), " (이어짐)"), style, size_.inner()), size_.left(), y);
    Rule(y + 3, 0.8);
    return y + 12;
  }

  // Not of sheet_, which is not there yet when the first sheet begins.
  void Rule(double y, double width) const {
    if (canvas_ == nullptr) return;
    cairo_set_line_width(canvas_, width);
    cairo_move_to(canvas_, size_.left(), y);
    cairo_line_to(canvas_, size_.right(), y);
    cairo_stroke(canvas_);
  }

  std::string IssuedLine() const {
    const absl::Time time = absl::FromUnixSeconds(body_.issue_time().seconds()) +
                            absl::Nanoseconds(body_.issue_time().nanos());
    std::string line =
        absl::StrCat("발급 대상 ", paper_.issued_.requester, " · 사무 ", paper_.issued_.affair);
    if (!paper_.issued_.legal_basis.empty()) {
      absl::StrAppend(&line, " · 근거 ", paper_.issued_.legal_basis);
    }
    return absl::StrCat(line, " · 발급 시각 ", absl::FormatTime("%Y-%m-%d %H:%M:%S", time, Korea()),
                        " (한국 표준시)");
  }

  // Draws it, and says where it begins.
  double Foot(int number) {
    std::vector<TextBlock> lines;
    lines.push_back(Set(IssuedLine(), Small(), size_.inner()));
    for (const std::string& line : paper_.form_.footer()) {
      lines.push_back(Set(line, Small(), size_.inner()));
    }
    double height = 0;
    for (const TextBlock& line : lines) height += line.height();
    const double top = size_.height - SheetSize::kMargin + 14 - height - kFootHeight;
    Rule(top - 4, 0.5);
    double y = top;
    for (const TextBlock& line : lines) y += Place(line, size_.left(), y);
    Place(Set(absl::StrCat(number, " / ", sheets_), Small(Align::kCenter), size_.inner()),
          size_.left(), y + 1);
    return top - 10;
  }

  Cell HeadCell(const std::string& label, double x, double width, double size = kText) {
    TextStyle style;
    style.size = size;
    style.bold = true;
    style.align = Align::kCenter;
    return {Set(label, style, width - 2 * Sheets::kPadding), x, width, true};
  }

  Cell ValueCell(const std::string& value, double x, double width, Align align = Align::kLeft,
                 double size = kText) {
    TextStyle style;
    style.size = size;
    style.align = align;
    return {Set(value, style, width - 2 * Sheets::kPadding), x, width, false};
  }

  // Whether label and value stand in half a row without breaking.
  bool FitsHalf(const DocumentField& field) {
    const double width = size_.inner();  // So wide that nothing breaks.
    const double room = size_.inner() / 2 - kLabelWidth - 2 * Sheets::kPadding;
    return Set(field.value(), TextStyle(), width).width() <= room;
  }

  // One row, of one field or two short ones; gives how many.
  int SimpleFields(int i) {
    const DocumentField& field = body_.fields(i);
    const double half = size_.inner() / 2;
    std::vector<Cell> cells;
    cells.push_back(HeadCell(field.label(), size_.left(), kLabelWidth));
    const bool is_pair = i + 1 < body_.fields_size() && IsSimple(body_.fields(i + 1)) &&
                         FitsHalf(field) && FitsHalf(body_.fields(i + 1));
    const double width = (is_pair ? half : size_.inner()) - kLabelWidth;
    cells.push_back(ValueCell(field.value(), size_.left() + kLabelWidth, width));
    if (is_pair) {
      const DocumentField& second = body_.fields(i + 1);
      const double x = size_.left() + half;
      cells.push_back(HeadCell(second.label(), x, kLabelWidth));
      cells.push_back(ValueCell(second.value(), x + kLabelWidth, half - kLabelWidth));
    }
    sheet_.Row(cells);
    return is_pair ? 2 : 1;
  }

  int ValuesFields(int i) {
    std::vector<const DocumentField*> fields;
    while (i + static_cast<int>(fields.size()) < body_.fields_size()) {
      const DocumentField& next = body_.fields(i + static_cast<int>(fields.size()));
      if (next.has_table() || next.values().empty() || !SameValues(next, body_.fields(i))) break;
      fields.push_back(&next);
      if (fields.size() == kColumnsMax) break;
    }
    Table("", PrintedValues(fields));
    return static_cast<int>(fields.size());
  }

  void Table(const std::string& label, const PrintedTable& table) {
    if (sheet_.y() > 0) sheet_.Gap(label.empty() ? 0 : 10);
    // Rather small than broken; broken rather than too small.
    double size = kText;
    for (const double smaller : {kText, 8.75, kSmall}) {
      if (NaturalWidth(table, smaller) > size_.inner()) continue;
      size = smaller;
      break;
    }
    const std::vector<double> widths = ColumnWidths(table, size, size_.inner());
    const std::vector<Align> aligns = ColumnAligns(table);
    if (!label.empty()) {
      TextStyle style;
      style.bold = true;
      // Not alone at the foot of a sheet.
      sheet_.Need(5 * kText + 4 * Sheets::kPadding);
      sheet_.Write(Set(absl::StrCat("■ ", label), style, size_.inner()), size_.left());
      sheet_.Gap(3);
    }
    sheet_.BeginHead(TableRow(table.labels, widths, aligns, size, true));
    for (const std::vector<std::string>& row : table.rows) {
      if (!sheet_.whole()) return;
      sheet_.Row(TableRow(row, widths, aligns, size, false));
    }
    sheet_.EndHead();
    if (table.rows.empty()) {
      sheet_.Row({ValueCell("해당 사항 없음", size_.left(), size_.inner(), Align::kCenter)});
    }
    sheet_.Gap(label.empty() ? 0 : 6);
  }

  std::vector<Cell> TableRow(const std::vector<std::string>& texts,
                             const std::vector<double>& widths, const std::vector<Align>& aligns,
                             double size, bool head) {
    std::vector<Cell> cells;
    double x = size_.left();
    for (size_t i = 0; i < texts.size(); ++i) {
      cells.push_back(head ? HeadCell(texts[i], x, widths[i], size)
                           : ValueCell(texts[i], x, widths[i], aligns[i], size));
      x += widths[i];
    }
    return cells;
  }

  // What certifies, the day, and who issues, with the seal: together, at the foot of the last
  // sheet.
  void Closing() {
    TextStyle plain;
    plain.size = 12.5;
    plain.face = Face::kSerif;
    plain.align = Align::kCenter;
    TextStyle large = plain;
    large.size = 20;
    large.bold = true;
    large.spacing = 3;
    const TextBlock statement = Set(paper_.form_.statement(), plain, size_.inner());
    const absl::CivilSecond day =
        absl::ToCivilSecond(absl::FromUnixSeconds(body_.issue_time().seconds()), Korea());
    const TextBlock date = Set(absl::StrCat(day.year(), "년 ", day.month(), "월 ", day.day(), "일"),
                               plain, size_.inner());
    const TextBlock issuer = Set(Issuer(), large, size_.inner());
    const double height =
        statement.height() + date.height() + std::max(issuer.height(), kSeal) + 46;
    sheet_.Gap(14);
    sheet_.Need(height);
    if (!sheet_.whole()) return;
    sheet_.MoveTo(sheet_.bottom() - height);
    if (!paper_.form_.statement().empty()) sheet_.Write(statement, size_.left());
    sheet_.Gap(14);
    sheet_.Write(date, size_.left());
    sheet_.Gap(14);
    const double middle = sheet_.y() + kSeal / 2;
    Place(issuer, size_.left(), middle - issuer.height() / 2);
    Seal(size_.width / 2 + issuer.width() / 2 + kSeal * 0.25, middle);
  }

  const std::string& Issuer() const {
    return paper_.form_.issuer().empty() ? body_.holder_name() : paper_.form_.issuer();
  }

  void Seal(double x, double middle) {
    x = std::min(x, size_.right() - kSeal);
    if (paper_.seal_ != nullptr) {
      if (canvas_ != nullptr) SealImage(x, middle - kSeal / 2);
    } else {
      SealName(x, middle - kSeal / 2);
    }
    Black();
  }

  void SealImage(double x, double y) const {
    const double width = cairo_image_surface_get_width(paper_.seal_);
    const double height = cairo_image_surface_get_height(paper_.seal_);
    const double scale = kSeal / std::max(width, height);
    cairo_save(canvas_);
    cairo_translate(canvas_, x, y);
    cairo_scale(canvas_, scale, scale);
    cairo_set_source_surface(canvas_, paper_.seal_, 0, 0);
    cairo_paint(canvas_);
    cairo_restore(canvas_);
  }

  // The issuer's name in a red square, top to bottom and right to left as on seals.
  void SealName(double x, double y) {
    const SealGrid grid = GridOf(Issuer());
    const double width = (kSeal - 9) / static_cast<double>(grid.columns);
    const double height = (kSeal - 9) / static_cast<double>(grid.rows);
    TextStyle style;
    style.face = Face::kSerif;
    style.bold = true;
    style.align = Align::kCenter;
    style.size = std::min(width, height) * 0.86;
    if (canvas_ != nullptr) {
      cairo_set_source_rgb(canvas_, 0.80, 0.10, 0.10);
      cairo_set_line_width(canvas_, 2.4);
      cairo_rectangle(canvas_, x, y, kSeal, kSeal);
      cairo_stroke(canvas_);
    }
    for (size_t i = 0; i < grid.syllables.size(); ++i) {
      const TextBlock one = Set(grid.syllables[i], style, width);
      const auto column = static_cast<double>(grid.columns - 1 - i / grid.rows);
      const auto row = static_cast<double>(i % grid.rows);
      Place(one, x + 4.5 + column * width, y + 4.5 + row * height + (height - one.height()) / 2);
    }
  }

  const Certificate& paper_;
  const holder::v1::DocumentBody& body_;
  const SheetSize& size_;
  cairo_t* const canvas_;
  const int sheets_;
  TextSetter setter_;
  Sheets sheet_;  // Last: its first sheet begins with the rest.
};

Certificate::Drawn Certificate::Draw(cairo_t* canvas, int sheets,
                                     const std::function<bool(int)>& may_go_on) {
  return Drawing(*this, canvas, sheets, may_go_on).Run();
}

}  // namespace naru
