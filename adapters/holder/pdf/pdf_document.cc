#include "adapters/holder/pdf/pdf_document.h"

#include <cairo-pdf.h>
#include <glog/logging.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapters/holder/pdf/attachment.h"
#include "adapters/holder/pdf/certificate.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

using holder::v1::DocumentBody;
using holder::v1::DocumentField;

constexpr size_t kSealBytes = 256 * 1024;
constexpr int kSealPixels = 2000;

struct DestroySurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, DestroySurface>;
struct DestroyCanvas {
  void operator()(cairo_t* canvas) const { cairo_destroy(canvas); }
};
using Canvas = std::unique_ptr<cairo_t, DestroyCanvas>;

// A fault that the operator must see; it names the kind, and nobody.
absl::Status Fault(const DocumentBody& body, absl::string_view what) {
  LOG(ERROR) << "kind " << body.document_kind() << ": not printed: " << what;
  return InternalFault(what);
}

// Every text of a field that is printed whole.
template <typename Check>
bool AllTexts(const DocumentField& field, Check check) {
  bool all = check(field.label()) && check(field.value());
  for (const auto& value : field.values()) all = all && check(value.value());
  for (const auto& column : field.table().columns()) all = all && check(column.label());
  for (const auto& row : field.table().rows()) {
    for (const std::string& cell : row.cells()) all = all && check(cell);
  }
  return all;
}

absl::Status CheckInput(const DocumentBody& body, const std::string& json) {
  if (json.size() > limits::kPdfInputBytes) return Fault(body, "more text than a PDF may have");
  const bool is_short =
      std::all_of(body.fields().begin(), body.fields().end(), [](const DocumentField& field) {
        return AllTexts(
            field, [](const std::string& text) { return text.size() <= limits::kPdfValueBytes; });
      });
  return is_short ? absl::OkStatus() : Fault(body, "a longer value than a PDF may have");
}

// What Cairo has written: bounded for the memory's sake alone, as what is made of it can be
// smaller.
struct Written {
  std::string bytes;
  uint64_t max_bytes = 0;
  bool is_cut = false;
};

cairo_status_t Write(void* closure, const unsigned char* data, unsigned int size) {
  auto& written = *static_cast<Written*>(closure);
  if (written.is_cut || written.bytes.size() + size > written.max_bytes) {
    written.is_cut = true;
    return CAIRO_STATUS_WRITE_ERROR;
  }
  written.bytes.append(reinterpret_cast<const char*>(data), size);
  return CAIRO_STATUS_SUCCESS;
}

struct Unread {
  absl::string_view bytes;
};

cairo_status_t Read(void* closure, unsigned char* data, unsigned int size) {
  auto& unread = *static_cast<Unread*>(closure);
  if (unread.bytes.size() < size) return CAIRO_STATUS_READ_ERROR;
  std::memcpy(data, unread.bytes.data(), size);
  unread.bytes.remove_prefix(size);
  return CAIRO_STATUS_SUCCESS;
}

// nullptr when there is none.
absl::StatusOr<Surface> ReadSeal(const config::v1::PdfTemplate& form) {
  if (form.seal_file().empty()) return Surface();
  ABSL_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(form.seal_file(), kSealBytes));
  Unread unread{bytes};
  Surface seal(cairo_image_surface_create_from_png_stream(Read, &unread));
  if (cairo_surface_status(seal.get()) != CAIRO_STATUS_SUCCESS) {
    return absl::FailedPreconditionError(absl::StrCat(form.seal_file(), ": is no PNG"));
  }
  const int pixels = std::max(cairo_image_surface_get_width(seal.get()),
                              cairo_image_surface_get_height(seal.get()));
  if (pixels > kSealPixels) {
    return absl::FailedPreconditionError(
        absl::StrCat(form.seal_file(), ": has more than ", kSealPixels, " pixels a side"));
  }
  return seal;
}

void SetMetadata(cairo_surface_t* surface, const DocumentBody& body) {
  // Of the document, not of this moment: the same document is the same bytes.
  const std::string time =
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(body.issue_time().seconds()),
                       absl::UTCTimeZone());
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, body.title().c_str());
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, body.holder_name().c_str());
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT,
                                 body.document_number().c_str());
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "naru-holder");
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, time.c_str());
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, time.c_str());
}

absl::Status TooLarge(uint64_t max_bytes) {
  return FieldTooLarge("max_size_bytes", static_cast<int64_t>(max_bytes));
}

}  // namespace

absl::StatusOr<std::string> RenderPdfDocument(const DocumentBody& body, const std::string& json,
                                              const config::v1::PdfTemplate& form,
                                              const IssuedFor& issued, uint64_t max_bytes,
                                              const Clock& clock) {
  ABSL_RETURN_IF_ERROR(CheckInput(body, json));
  const absl::StatusOr<Surface> seal = ReadSeal(form);
  if (!seal.ok()) return Fault(body, "the seal cannot be read");
  const absl::Duration end = clock.Monotonic() + limits::kPdfTime;
  const auto may_go_on = [&clock, end](int sheet) {
    return sheet <= limits::kPdfPages && clock.Monotonic() <= end;
  };
  Certificate certificate(body, form, issued, seal->get());
  const Certificate::Drawn counted = certificate.Draw(nullptr, 0, may_go_on);
  if (counted.glyph_missing) return Fault(body, "a character that no font has");
  if (!counted.whole) return Fault(body, "more pages, or more time, than a PDF may take");

  Written written;
  written.max_bytes = 2 * max_bytes;
  const Surface surface(cairo_pdf_surface_create_for_stream(
      Write, &written, certificate.size().width, certificate.size().height));
  SetMetadata(surface.get(), body);
  const Canvas canvas(cairo_create(surface.get()));
  if (!certificate.Draw(canvas.get(), counted.sheets, may_go_on).whole) {
    return Fault(body, "more time than a PDF may take");
  }
  cairo_surface_finish(surface.get());
  const cairo_status_t status = cairo_surface_status(surface.get());
  if (written.is_cut) return TooLarge(max_bytes);
  if (status != CAIRO_STATUS_SUCCESS) return Fault(body, cairo_status_to_string(status));
  ABSL_ASSIGN_OR_RETURN(std::string pdf, AttachJson(written.bytes, json));
  if (pdf.size() > max_bytes) return TooLarge(max_bytes);
  return pdf;
}

absl::StatusOr<std::string> JsonOfPdfDocument(const std::string& bytes) {
  return AttachedJson(bytes);
}

absl::Status CheckPdfTemplate(const config::v1::PdfTemplate& form) {
  ABSL_RETURN_IF_ERROR(TextSetter::CheckFonts());
  return ReadSeal(form).status();
}

}  // namespace naru
