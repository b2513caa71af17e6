#include "adapters/holder/pdf/attachment.h"

#include <exception>
#include <memory>
#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFEFStreamObjectHelper.hh>
#include <qpdf/QPDFEmbeddedFileDocumentHelper.hh>
#include <qpdf/QPDFFileSpecObjectHelper.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFWriter.hh>

#include "broker/base/errors.h"

namespace naru {
namespace {

constexpr char kName[] = "document.json";
constexpr char kDescription[] = "naru.holder.v1.DocumentBody";

void Open(QPDF& document, const std::string& bytes) {
  document.setSuppressWarnings(true);
  // What needs mending is not what was written.
  document.setAttemptRecovery(false);
  document.processMemoryFile("document", bytes.data(), bytes.size());
}

}  // namespace

absl::StatusOr<std::string> AttachJson(const std::string& pdf, const std::string& json) {
  try {
    QPDF document;
    Open(document, pdf);
    auto stream = QPDFEFStreamObjectHelper::createEFStream(document, json);
    stream.setSubtype("application/json");
    auto file = QPDFFileSpecObjectHelper::createFileSpec(document, kName, stream);
    file.setDescription(kDescription);
    file.getObjectHandle().replaceKey("/AFRelationship", QPDFObjectHandle::newName("/Data"));
    QPDFEmbeddedFileDocumentHelper(document).replaceEmbeddedFile(kName, file);
    QPDFObjectHandle root = document.getRoot();
    QPDFObjectHandle related = QPDFObjectHandle::newArray();
    related.appendItem(file.getObjectHandle());
    root.replaceKey("/AF", related);
    root.replaceKey("/Lang", QPDFObjectHandle::newString("ko-KR"));
    QPDFWriter writer(document);
    writer.setOutputMemory();
    writer.setDeterministicID(true);
    writer.write();
    const std::shared_ptr<Buffer> written = writer.getBufferSharedPointer();
    return std::string(reinterpret_cast<const char*>(written->getBuffer()), written->getSize());
  } catch (const std::exception&) {
    return InternalFault("a printed document cannot be written");
  }
}

absl::StatusOr<std::string> AttachedJson(const std::string& pdf) {
  try {
    QPDF document;
    Open(document, pdf);
    const auto file = QPDFEmbeddedFileDocumentHelper(document).getEmbeddedFile(kName);
    if (file != nullptr) {
      const std::shared_ptr<Buffer> data =
          file->getEmbeddedFileStream().getStreamData(qpdf_dl_generalized);
      return std::string(reinterpret_cast<const char*>(data->getBuffer()), data->getSize());
    }
  } catch (const std::exception&) {
    // As below.
  }
  return InternalFault("a finished document cannot be read");
}

}  // namespace naru
