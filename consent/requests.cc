#include "consent/requests.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

constexpr absl::string_view kNul("\0", 1);

constexpr int kCallsPerForgetting = 16;
static_assert(limits::kForgottenAtOnce > kCallsPerForgetting);

// One content, one text: maps in order of their keys.
std::string Serialize(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace

std::string RequestIdentity::EntryDigest() const { return crypto::Sha256({hash, content_sha256}); }

absl::StatusOr<RequestIdentity> IdentifyRequest(const Caller& caller,
                                                const google::protobuf::Message& request,
                                                absl::string_view on_behalf_of) {
  const auto* const field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr) return InternalFault("a changing call has no request_id");
  const std::string request_id = request.GetReflection()->GetString(request, field);
  const absl::StatusOr<absl::Time> made = RequestIdTime(request_id);
  if (!made.ok()) return FieldMalformed("request_id", "a UUIDv7 of 36 lower-case characters");

  std::unique_ptr<google::protobuf::Message> content(request.New());
  content->CopyFrom(request);
  content->GetReflection()->ClearField(content.get(), field);
  RequestIdentity identity;
  // A caller's text has no space, so the two name spaces stay apart.
  identity.hash = keys::RequestHash(
      on_behalf_of.empty() ? caller.text() : absl::StrCat(caller.text(), " for ", on_behalf_of),
      request_id);
  identity.content_sha256 =
      crypto::Sha256({request.GetDescriptor()->full_name(), kNul, Serialize(*content)});
  identity.made = *made;
  return identity;
}

absl::StatusOr<std::optional<storage::v1::RequestRow>> CheckRequest(const Reader& rows,
                                                                    const RequestIdentity& request,
                                                                    absl::Time now) {
  if (request.made < now - limits::kRequestIdAge || request.made > now + limits::kClockSkew) {
    return RequestIdExpired();
  }
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                        rows.Get(Table::kRows, keys::Request(request.hash)));
  if (!value.has_value()) return std::optional<storage::v1::RequestRow>();
  storage::v1::RequestRow row;
  if (!row.ParseFromString(*value)) return DataDamaged("the row of a request cannot be read");
  if (row.request_sha256() != request.content_sha256) return RequestIdReused();
  return std::optional<storage::v1::RequestRow>(std::move(row));
}

Writes::Write RememberRequest(const RequestIdentity& request, uint64_t ledger_index, absl::Time now,
                              absl::string_view object_id) {
  storage::v1::RequestRow row;
  row.set_request_sha256(request.content_sha256);
  row.set_ledger_index(ledger_index);
  row.set_time_us(absl::ToUnixMicros(now));
  row.set_object_id(std::string(object_id));
  return {Table::kRows, keys::Request(request.hash), row.SerializeAsString()};
}

absl::Status ForgetOldRequests(const Reader& rows, const RequestIdentity& request, absl::Time now,
                               std::vector<Writes::Write>* writes) {
  // One call in sixteen looks at the rows behind its own: hashes are spread evenly, so every row is
  // behind some call's, and a look for each call would cost more than it deletes.
  if (static_cast<uint8_t>(request.hash.back()) % kCallsPerForgetting != 0) return absl::OkStatus();
  const auto [from, to] = keys::RequestsAfter(request.hash);
  ABSL_ASSIGN_OR_RETURN(const std::vector<Row> old,
                        rows.Scan(Table::kRows, from, to, limits::kForgottenAtOnce));
  // An id may be made up to kClockSkew ahead of the call it is first used in.
  const int64_t before_us = absl::ToUnixMicros(now - limits::kRequestIdAge - limits::kClockSkew);
  for (const Row& row : old) {
    storage::v1::RequestRow forgotten;
    if (!forgotten.ParseFromString(row.value)) {
      return DataDamaged("the row of a request cannot be read");
    }
    if (forgotten.time_us() < before_us) {
      writes->push_back({Table::kRows, row.key, std::nullopt});
    }
  }
  return absl::OkStatus();
}

}  // namespace naru
