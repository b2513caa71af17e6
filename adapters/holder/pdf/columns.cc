#include "adapters/holder/pdf/columns.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace naru {
namespace {

constexpr char kOf[] = "구분";
// Of the size of type: a Hangul syllable, and what has one byte in UTF-8, rounded up.
constexpr double kSyllable = 1.0;
constexpr double kLetter = 0.62;
constexpr double kRoom = 12;
constexpr double kShort = 12;  // Syllables that stand in the middle.

double EmsOf(const std::string& text) {
  double ems = 0;
  double widest = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      widest = std::max(widest, ems);
      ems = 0;
    } else if (byte < 0x80) {
      ems += kLetter;
    } else if ((byte & 0xC0) != 0x80) {
      ems += kSyllable;
    }
  }
  return std::max(widest, ems);
}

std::vector<double> WidestOf(const PrintedTable& table) {
  std::vector<double> widest;
  for (const std::string& label : table.labels) widest.push_back(EmsOf(label));
  for (const std::vector<std::string>& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) widest[i] = std::max(widest[i], EmsOf(row[i]));
  }
  return widest;
}

bool IsNumber(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == ',' || c == '.' || c == '-';
  });
}

bool IsAmounts(const PrintedTable& table, size_t column) {
  const std::string& label = table.labels[column];
  if (!absl::StrContains(label, "원)") && !absl::StrContains(label, "금액")) return false;
  return std::all_of(table.rows.begin(), table.rows.end(),
                     [column](const auto& row) { return IsNumber(row[column]); });
}

// Puts `of` in front of the rows when no column says the same.
void AddOf(const std::vector<std::string>& of, PrintedTable* table) {
  if (std::all_of(of.begin(), of.end(), [](const std::string& one) { return one.empty(); })) return;
  for (size_t column = 0; column < table->labels.size(); ++column) {
    size_t same = 0;
    while (same < of.size() && table->rows[same][column] == of[same]) ++same;
    if (same == of.size()) return;
  }
  table->labels.insert(table->labels.begin(), kOf);
  for (size_t i = 0; i < of.size(); ++i) table->rows[i].insert(table->rows[i].begin(), of[i]);
}

}  // namespace

PrintedTable PrintedList(const holder::v1::DocumentTable& table) {
  PrintedTable printed;
  std::vector<std::string> of;
  for (const holder::v1::DocumentColumn& column : table.columns()) {
    printed.labels.push_back(column.label());
  }
  for (const holder::v1::DocumentRow& row : table.rows()) {
    printed.rows.emplace_back(row.cells().begin(), row.cells().end());
    printed.rows.back().resize(printed.labels.size());
    of.push_back(row.of());
  }
  AddOf(of, &printed);
  return printed;
}

PrintedTable PrintedValues(const std::vector<const holder::v1::DocumentField*>& fields) {
  PrintedTable printed;
  std::vector<std::string> of;
  for (const holder::v1::DocumentValue& value : fields.front()->values()) of.push_back(value.of());
  printed.rows.resize(of.size());
  for (const holder::v1::DocumentField* field : fields) {
    printed.labels.push_back(field->label());
    for (int i = 0; i < field->values_size(); ++i) {
      printed.rows[static_cast<size_t>(i)].push_back(field->values(i).value());
    }
  }
  AddOf(of, &printed);
  return printed;
}

double NaturalWidth(const PrintedTable& table, double size) {
  double width = 0;
  for (const double ems : WidestOf(table)) width += ems * size + kRoom;
  return width;
}

std::vector<double> ColumnWidths(const PrintedTable& table, double size, double width) {
  std::vector<double> widths = WidestOf(table);
  for (double& one : widths) one = one * size + kRoom;
  const double sum = std::accumulate(widths.begin(), widths.end(), 0.0);
  if (sum <= width) {
    for (double& one : widths) one *= width / sum;
    return widths;
  }
  // The widest give way: the level at which cutting them off makes the sum right.
  double low = 0;
  double high = width;
  for (int i = 0; i < 40; ++i) {
    const double level = (low + high) / 2;
    double cut = 0;
    for (const double one : widths) cut += std::min(one, level);
    (cut > width ? high : low) = level;
  }
  for (double& one : widths) one = std::min(one, low);
  return widths;
}

std::vector<Align> ColumnAligns(const PrintedTable& table) {
  const std::vector<double> widest = WidestOf(table);
  std::vector<Align> aligns;
  for (size_t column = 0; column < table.labels.size(); ++column) {
    aligns.push_back(IsAmounts(table, column)   ? Align::kRight
                     : widest[column] <= kShort ? Align::kCenter
                                                : Align::kLeft);
  }
  return aligns;
}

}  // namespace naru
