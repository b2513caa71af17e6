#include "adapters/holder/pdf/text_setter.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace naru {
namespace {

constexpr char kSans[] = "NanumGothic";
constexpr char kSerif[] = "NanumMyeongjo";
constexpr double kPointsPerInch = 72;
constexpr double kLineSpacing = 1.25;
// A longer word breaks inside, as Korean without spaces may.
constexpr size_t kWholeWordBytes = 36;

int Units(double points) { return static_cast<int>(points * PANGO_SCALE); }
double Points(int units) { return static_cast<double>(units) / PANGO_SCALE; }

const char* FamilyOf(Face face) { return face == Face::kSerif ? kSerif : kSans; }

struct FreeDescription {
  void operator()(PangoFontDescription* description) const {
    pango_font_description_free(description);
  }
};
using Description = std::unique_ptr<PangoFontDescription, FreeDescription>;

Description Describe(const TextStyle& style) {
  Description description(pango_font_description_new());
  pango_font_description_set_family_static(description.get(), FamilyOf(style.face));
  pango_font_description_set_absolute_size(description.get(), style.size * PANGO_SCALE);
  pango_font_description_set_weight(description.get(),
                                    style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  return description;
}

std::string Printable(absl::string_view text) {
  std::string printable(text);
  for (char& c : printable) {
    if (c != '\n' && absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  return printable;
}

void AddRange(PangoAttrList* list, PangoAttribute* attribute, size_t from, size_t to) {
  attribute->start_index = static_cast<guint>(from);
  attribute->end_index = static_cast<guint>(to);
  pango_attr_list_insert(list, attribute);
}

// Unicode lets a line end behind every syllable; a reader expects words.
void KeepWordsWhole(absl::string_view text, PangoAttrList* list) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of(" \n", at), text.size());
    if (end - at > 1 && end - at <= kWholeWordBytes) {
      AddRange(list, pango_attr_allow_breaks_new(FALSE), at, end);
    }
    at = end + 1;
  }
}

PangoLayoutLine* LineAt(PangoLayout* layout, int line) {
  return pango_layout_get_line_readonly(layout, line);
}

double LineHeight(PangoLayout* layout, int line) {
  PangoRectangle logical;
  pango_layout_line_get_extents(LineAt(layout, line), nullptr, &logical);
  return Points(logical.height);
}

}  // namespace

int TextBlock::lines() const { return pango_layout_get_line_count(layout_.get()); }

double TextBlock::Height(int from, int to) const {
  double height = 0;
  for (int line = from; line < to; ++line) height += LineHeight(layout_.get(), line);
  return height;
}

double TextBlock::width() const {
  PangoRectangle logical;
  pango_layout_get_extents(layout_.get(), nullptr, &logical);
  return Points(logical.width);
}

void TextBlock::Draw(cairo_t* canvas, double x, double y, int from, int to) const {
  const double width = Points(pango_layout_get_width(layout_.get()));
  const PangoAlignment align = pango_layout_get_alignment(layout_.get());
  for (int line = from; line < to; ++line) {
    PangoLayoutLine* const text = LineAt(layout_.get(), line);
    PangoRectangle logical;
    pango_layout_line_get_extents(text, nullptr, &logical);
    double left = x;
    if (align == PANGO_ALIGN_CENTER) left += (width - Points(logical.width)) / 2;
    if (align == PANGO_ALIGN_RIGHT) left += width - Points(logical.width);
    cairo_move_to(canvas, left, y - Points(logical.y));
    pango_cairo_show_layout_line(canvas, text);
    y += Points(logical.height);
  }
}

TextSetter::TextSetter() {
  context_.reset(pango_font_map_create_context(pango_cairo_font_map_get_default()));
  pango_cairo_context_set_resolution(context_.get(), kPointsPerInch);
  // Nothing is fitted to a screen's pixels: the same text has the same lines everywhere.
  cairo_font_options_t* const options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context_.get(), options);
  cairo_font_options_destroy(options);
  pango_context_set_round_glyph_positions(context_.get(), FALSE);
  pango_context_set_language(context_.get(), pango_language_from_string("ko"));
}

TextBlock TextSetter::Set(absl::string_view text, const TextStyle& style, double width) {
  TextBlock block = Set(text, style, width, /*whole_words=*/true);
  // A word with no room for it breaks after all.
  if (block.width() > width) block = Set(text, style, width, /*whole_words=*/false);
  return block;
}

TextBlock TextSetter::Set(absl::string_view text, const TextStyle& style, double width,
                          bool whole_words) {
  TextBlock block;
  block.layout_.reset(pango_layout_new(context_.get()), GObjectUnref());
  PangoLayout* const layout = block.layout_.get();
  const std::string printable = Printable(text);
  PangoAttrList* const attributes = pango_attr_list_new();
  if (whole_words) KeepWordsWhole(printable, attributes);
  if (style.spacing != 0) {
    AddRange(attributes, pango_attr_letter_spacing_new(Units(style.spacing)), 0, printable.size());
  }
  AddRange(attributes, pango_attr_line_height_new(kLineSpacing), 0, SIZE_MAX & UINT32_MAX);
  pango_layout_set_attributes(layout, attributes);
  pango_attr_list_unref(attributes);
  pango_layout_set_font_description(layout, Describe(style).get());
  pango_layout_set_width(layout, Units(width));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment(layout, style.align == Align::kCenter  ? PANGO_ALIGN_CENTER
                                     : style.align == Align::kRight ? PANGO_ALIGN_RIGHT
                                                                    : PANGO_ALIGN_LEFT);
  pango_layout_set_text(layout, printable.data(), static_cast<int>(printable.size()));
  if (pango_layout_get_unknown_glyphs_count(layout) > 0) glyph_missing_ = true;
  return block;
}

absl::Status TextSetter::CheckFonts() {
  TextSetter setter;
  for (const Face face : {Face::kSans, Face::kSerif}) {
    TextStyle style;
    style.face = face;
    const std::unique_ptr<PangoFont, GObjectUnref> font(
        pango_context_load_font(setter.context_.get(), Describe(style).get()));
    Description found;
    if (font != nullptr) found.reset(pango_font_describe(font.get()));
    const char* const family =
        found == nullptr ? nullptr : pango_font_description_get_family(found.get());
    if (family == nullptr || absl::string_view(family) != FamilyOf(face)) {
      return absl::FailedPreconditionError(
          absl::StrCat("font ", FamilyOf(face), " is missing: install fonts-nanum"));
    }
  }
  return absl::OkStatus();
}

}  // namespace naru
