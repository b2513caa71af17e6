#ifndef NARU_ADAPTERS_HOLDER_PDF_CERTIFICATE_H_
#define NARU_ADAPTERS_HOLDER_PDF_CERTIFICATE_H_

#include <functional>

#include "adapters/holder/pdf/pdf_document.h"
#include "adapters/holder/pdf/sheets.h"
#include "naru/config/v1/config.pb.h"
#include "naru/holder/v1/document_body.pb.h"

namespace naru {

// Draws a certificate (증명서): number, title, the fields in a ruled table, the lists, and what
// certifies it; at the foot of each sheet for whom it was issued, and which sheet it is. Everything
// printed comes from these arguments. One drawing; not thread-safe.
class Certificate {
 public:
  // All outlive this. `seal` is an image, or nullptr for the issuer's name in a red square.
  Certificate(const holder::v1::DocumentBody& body, const config::v1::PdfTemplate& form,
              const IssuedFor& issued, cairo_surface_t* seal)
      : body_(body), form_(form), issued_(issued), seal_(seal), size_(form.landscape()) {}

  // Draws on `canvas`, or only counts when it is nullptr. `sheets` is how many there will be, as
  // counted; 0 while counting. `may_go_on` is asked again and again with the number of the sheet.
  struct Drawn {
    int sheets = 0;
    bool whole = false;          // False when may_go_on said no.
    bool glyph_missing = false;  // Some of it would print as empty boxes.
  };
  Drawn Draw(cairo_t* canvas, int sheets, const std::function<bool(int)>& may_go_on);

  const SheetSize& size() const { return size_; }

 private:
  class Drawing;

  const holder::v1::DocumentBody& body_;
  const config::v1::PdfTemplate& form_;
  const IssuedFor& issued_;
  cairo_surface_t* const seal_;
  const SheetSize size_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_PDF_CERTIFICATE_H_
