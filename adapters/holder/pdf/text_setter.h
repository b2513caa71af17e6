#ifndef NARU_ADAPTERS_HOLDER_PDF_TEXT_SETTER_H_
#define NARU_ADAPTERS_HOLDER_PDF_TEXT_SETTER_H_

#include <cairo.h>
#include <pango/pangocairo.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Text of printed documents, set by Pango in Debian's Nanum fonts. All lengths are points.
namespace naru {

struct GObjectUnref {
  void operator()(void* object) const { g_object_unref(object); }
};

enum class Face { kSans, kSerif };
enum class Align { kLeft, kCenter, kRight };

struct TextStyle {
  double size = 9.5;
  bool bold = false;
  Face face = Face::kSans;
  Align align = Align::kLeft;
  double spacing = 0;  // Between letters.
};

// A text broken into lines for one width. Copies share the lines; lives no longer than
// its TextSetter.
class TextBlock {
 public:
  TextBlock() = default;

  int lines() const;
  // Height of the lines from `from` up to, not including, `to`.
  double Height(int from, int to) const;
  double height() const { return Height(0, lines()); }
  // Width of the widest line.
  double width() const;
  // Draws those lines with the upper left corner of the block's width at (x, y).
  void Draw(cairo_t* canvas, double x, double y, int from, int to) const;
  void Draw(cairo_t* canvas, double x, double y) const { Draw(canvas, x, y, 0, lines()); }

 private:
  friend class TextSetter;
  std::shared_ptr<PangoLayout> layout_;  // Never changed once set.
};

// Sets texts for one document. Not thread-safe; several may be at work on several threads, as each
// thread has fonts of its own.
class TextSetter {
 public:
  TextSetter();

  // `text` (UTF-8) in lines of at most `width`: Korean words stay whole where a line has room for
  // them, and what has no place to break breaks anywhere. Control characters but line ends print as
  // spaces.
  TextBlock Set(absl::string_view text, const TextStyle& style, double width);

  // Something had no glyph in any font of this machine, and would print as an empty box.
  bool glyph_missing() const { return glyph_missing_; }

  // FAILED_PRECONDITION names the Debian package to install when the fonts are not there.
  static absl::Status CheckFonts();

 private:
  TextBlock Set(absl::string_view text, const TextStyle& style, double width, bool whole_words);

  std::unique_ptr<PangoContext, GObjectUnref> context_;
  bool glyph_missing_ = false;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_PDF_TEXT_SETTER_H_
