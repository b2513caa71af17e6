#include "adapters/holder/pdf/sheets.h"

#include <algorithm>
#include <utility>

namespace naru {
namespace {

constexpr double kRule = 0.5;
constexpr double kHeadGrey = 0.94;
constexpr double kRuleGrey = 0.35;

double HeightOf(const std::vector<Cell>& cells) {
  double height = 0;
  for (const Cell& cell : cells) height = std::max(height, cell.text.height());
  return height + 2 * Sheets::kPadding;
}

}  // namespace

Sheets::Sheets(cairo_t* canvas, SheetSize size, std::function<Space(int)> begin,
               std::function<bool(int)> may_go_on)
    : canvas_(canvas), size_(size), begin_(std::move(begin)), may_go_on_(std::move(may_go_on)) {
  NewSheet();
}

void Sheets::NewSheet() {
  if (!whole_) return;
  whole_ = may_go_on_(sheets_ + 1);
  if (!whole_) return;
  if (sheets_ > 0 && canvas_ != nullptr) cairo_show_page(canvas_);
  ++sheets_;
  space_ = begin_(sheets_);
  y_ = space_.top;
  if (head_.empty()) return;
  const std::vector<Cell> head = std::exchange(head_, {});
  Row(head);
  head_ = head;
}

void Sheets::Need(double height) {
  if (y_ + height > space_.bottom && y_ > space_.top) NewSheet();
}

void Sheets::Write(const TextBlock& text, double x) {
  Need(text.height());
  if (canvas_ != nullptr && whole_) text.Draw(canvas_, x, y_);
  y_ += text.height();
}

void Sheets::Line(double x1, double y1, double x2, double y2, double width) const {
  if (canvas_ == nullptr) return;
  cairo_set_line_width(canvas_, width);
  cairo_move_to(canvas_, x1, y1);
  cairo_line_to(canvas_, x2, y2);
  cairo_stroke(canvas_);
}

void Sheets::BeginHead(std::vector<Cell> head) {
  EndHead();
  // Not alone at the foot of a sheet.
  Need(2 * HeightOf(head));
  Row(head);
  head_ = std::move(head);
}

void Sheets::Row(const std::vector<Cell>& cells) {
  const double whole_height = HeightOf(cells);
  whole_ = whole_ && may_go_on_(sheets_);
  // A row that a sheet has room for is not torn.
  if (whole_height <= space_.bottom - space_.top) Need(whole_height);
  std::vector<int> from(cells.size(), 0);
  while (whole_) {
    std::vector<int> to = from;
    double height = 0;
    bool is_last = true;
    bool is_empty = true;
    for (size_t i = 0; i < cells.size(); ++i) {
      const TextBlock& text = cells[i].text;
      const double room = space_.bottom - y_ - 2 * kPadding;
      while (to[i] < text.lines() && text.Height(from[i], to[i] + 1) <= room) ++to[i];
      height = std::max(height, text.Height(from[i], to[i]));
      is_last = is_last && to[i] == text.lines();
      is_empty = is_empty && to[i] == from[i];
    }
    if (!is_last && is_empty && y_ <= space_.top + 1) {
      // A line that no sheet has room for.
      whole_ = false;
      return;
    }
    if (is_last || !is_empty) DrawPart(cells, from, to, height + 2 * kPadding);
    if (is_last) return;
    from = to;
    NewSheet();
  }
}

void Sheets::DrawPart(const std::vector<Cell>& cells, const std::vector<int>& from,
                      const std::vector<int>& to, double height) {
  if (canvas_ != nullptr) {
    for (const Cell& cell : cells) {
      cairo_rectangle(canvas_, cell.x, y_, cell.width, height);
      if (cell.head) {
        cairo_set_source_rgb(canvas_, kHeadGrey, kHeadGrey, kHeadGrey);
        cairo_fill_preserve(canvas_);
      }
      cairo_set_source_rgb(canvas_, kRuleGrey, kRuleGrey, kRuleGrey);
      cairo_set_line_width(canvas_, kRule);
      cairo_stroke(canvas_);
    }
    cairo_set_source_rgb(canvas_, 0, 0, 0);
    for (size_t i = 0; i < cells.size(); ++i) {
      const TextBlock& text = cells[i].text;
      // In the middle of the row's height.
      const double top = y_ + (height - text.Height(from[i], to[i])) / 2;
      text.Draw(canvas_, cells[i].x + kPadding, top, from[i], to[i]);
    }
  }
  y_ += height;
}

}  // namespace naru
