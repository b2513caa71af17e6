#include <google/protobuf/text_format.h>

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "adapters/cli/commands.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"
#include "broker/base/textproto.h"
#include "broker/proof/crypto.h"
#include "broker/proof/signed_catalogue.h"

// The next catalogue: read the one in force, let two persons sign its successor, put it in force.
namespace naru::cli {
namespace {

constexpr size_t kCatalogueBytes = 2 * 1024 * 1024;

struct CatalogueOptions {
  std::string file, key, key_id, out;
  std::string first, second;
  uint64_t generation = 0;
};

absl::StatusOr<int> Get(Session& session, const CatalogueOptions& options) {
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  ABSL_ASSIGN_OR_RETURN(const v1::GetSignedCatalogueResponse response,
                        client->GetSignedCatalogue());
  ABSL_RETURN_IF_ERROR(AtomicWriteFile(options.file, response.catalogue().catalogue()));
  session.printer().Field({"판", "Generation"}, absl::StrCat(response.generation()));
  session.printer().Field({"서명", "Signatures"},
                          absl::StrCat(response.catalogue().signatures_size()));
  session.printer().Field({"파일", "File"}, options.file);
  return kExitOk;
}

// Needs no broker: the signer may do it on a machine that reaches none.
absl::StatusOr<int> Sign(Session& session, const CatalogueOptions& options) {
  ABSL_ASSIGN_OR_RETURN(const std::string text, ReadFile(options.file, kCatalogueBytes));
  ABSL_ASSIGN_OR_RETURN(const std::string pem, crypto::ReadSecretFile(options.key));
  ABSL_ASSIGN_OR_RETURN(const auto key, crypto::ParseSigningKey(pem, options.key_id));
  if (key->type() != crypto::SigningKey::Type::kEcdsaP256) {
    return absl::InvalidArgumentError(absl::StrCat(options.key, ": not an ECDSA P-256 key"));
  }
  std::string signature;
  google::protobuf::TextFormat::PrintToString(SignCatalogue(text, options.generation, *key),
                                              &signature);
  ABSL_RETURN_IF_ERROR(AtomicWriteFile(options.out, signature));
  session.printer().Field({"서명", "Signature"}, options.out);
  return kExitOk;
}

absl::StatusOr<int> Apply(Session& session, const CatalogueOptions& options) {
  v1::ApplyCatalogueRequest request;
  request.set_request_id(session.request_id());
  *request.mutable_case_() = session.Case();
  v1::SignedCatalogue& signed_catalogue = *request.mutable_catalogue();
  ABSL_ASSIGN_OR_RETURN(*signed_catalogue.mutable_catalogue(),
                        ReadFile(options.file, kCatalogueBytes));
  signed_catalogue.set_base_generation(options.generation);
  for (const std::string& file : {options.first, options.second}) {
    ABSL_RETURN_IF_ERROR(LoadTextProto(file, signed_catalogue.add_signatures()));
  }
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<
      v1::ApplyCatalogueResponse>(client->ApplyCatalogue(request), [&](const v1::
                                                                           ApplyCatalogueResponse&
                                                                               response) {
    Printer& printer = session.printer();
    printer.Field({"판", "Generation"}, absl::StrCat(response.applied().generation()));
    printer.Field({"SHA-256", "SHA-256"}, absl::BytesToHexString(response.applied().sha256()));
    printer.Field({"기록 번호", "Ledger index"}, absl::StrCat(response.applied().ledger_index()));
  });
}

}  // namespace

void AddSignedCatalogueCommands(Command catalogue, Session* session) {
  const auto options = std::make_shared<CatalogueOptions>();
  Command get = catalogue.AddCommand("get", "write the catalogue in force to a file");
  get.Add("file", &options->file, "where to write it").Required();
  session->OnCommand(get, [session, options] { return Get(*session, *options); });

  Command sign = catalogue.AddCommand("sign", "sign the next catalogue; needs no broker");
  sign.Add("file", &options->file, "the whole next catalogue, a textproto with every key inside")
      .Required();
  sign.Add("--generation", &options->generation, "generation in force, which it shall replace")
      .Required();
  sign.Add("--key", &options->key, "the signer's private key, a PEM of mode 0600").Required();
  sign.Add("--key-id", &options->key_id, "its id in the catalogue in force").Required();
  sign.Add("--out", &options->out, "where the signature goes").Required();
  session->OnCommand(sign, [session, options] { return Sign(*session, *options); });

  Command apply = catalogue.AddCommand(
      "apply", "put the next catalogue in force (approver); name yourself with --official");
  apply.Add("file", &options->file, "the very file that was signed").Required();
  apply.Add("--generation", &options->generation, "generation in force").Required();
  apply.Add("--first", &options->first, "one person's signature").Required();
  apply.Add("--second", &options->second, "another person's signature").Required();
  session->OnCommand(apply, [session, options] { return Apply(*session, *options); });
}

}  // namespace naru::cli
