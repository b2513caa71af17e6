#ifndef NARU_ADAPTERS_HOLDER_PDF_SHEETS_H_
#define NARU_ADAPTERS_HOLDER_PDF_SHEETS_H_

#include <cairo.h>

#include <functional>
#include <vector>

#include "adapters/holder/pdf/text_setter.h"

namespace naru {

// A sheet of A4, upright or on its side, and its margins.
struct SheetSize {
  explicit SheetSize(bool landscape)
      : width(landscape ? 841.89 : 595.28), height(landscape ? 595.28 : 841.89) {}
  double left() const { return kMargin; }
  double right() const { return width - kMargin; }
  double inner() const { return width - 2 * kMargin; }

  double width;
  double height;
  static constexpr double kMargin = 48;
};

// One cell of a ruled row.
struct Cell {
  TextBlock text;
  double x = 0;
  double width = 0;
  bool head = false;  // Shaded.
};

// Sheets that fill from top to bottom with ruled rows and blocks of text. A row that does not fit
// goes on the next sheet; one that is higher than a sheet goes over several, line by line. Without
// a canvas nothing is drawn and sheets are only counted. Not thread-safe.
class Sheets {
 public:
  static constexpr double kPadding = 5;

  // `canvas` may be nullptr. `begin` draws what stands on each sheet whatever its contents: it is
  // given the number of the sheet, from 1, and says where the contents begin and end. `may_go_on`
  // is asked before each row and sheet; once it says no, nothing more is drawn.
  struct Space {
    double top = 0;
    double bottom = 0;
  };
  Sheets(cairo_t* canvas, SheetSize size, std::function<Space(int)> begin,
         std::function<bool(int)> may_go_on);

  void Row(const std::vector<Cell>& cells);
  // Rows from here on go under this one, which is drawn now and again on each new sheet.
  void BeginHead(std::vector<Cell> head);
  void EndHead() { head_.clear(); }
  void Gap(double height) { y_ += height; }
  // Goes to a new sheet unless the rest of this one has `height`.
  void Need(double height);
  // Draws `text` at `x` below what is there.
  void Write(const TextBlock& text, double x);

  double y() const { return y_; }
  double bottom() const { return space_.bottom; }
  void MoveTo(double y) { y_ = y; }
  int sheets() const { return sheets_; }
  // False when may_go_on has said no.
  bool whole() const { return whole_; }
  cairo_t* canvas() const { return canvas_; }

  // Thin and thick lines; nothing without a canvas.
  void Line(double x1, double y1, double x2, double y2, double width) const;

 private:
  void NewSheet();
  // Draws the lines [from[i], to[i]) of each cell i, and the rules around them.
  void DrawPart(const std::vector<Cell>& cells, const std::vector<int>& from,
                const std::vector<int>& to, double height);

  cairo_t* const canvas_;
  const SheetSize size_;
  const std::function<Space(int)> begin_;
  const std::function<bool(int)> may_go_on_;
  Space space_;
  double y_ = 0;
  int sheets_ = 0;
  bool whole_ = true;
  std::vector<Cell> head_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_PDF_SHEETS_H_
