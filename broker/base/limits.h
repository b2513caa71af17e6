#ifndef NARU_BROKER_BASE_LIMITS_H_
#define NARU_BROKER_BASE_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

// Every bound of Naru, one constant each with the reason for it (P10). Tests use the same
// constants.
namespace naru::limits {

// --- Requests ---
// Papers of one consent: the largest known case (안심상속) has 20.
inline constexpr int kPapersPerConsent = 64;
// Names, case numbers, official and terminal ids.
inline constexpr int kShortText = 64;
// A CI has 88 characters; the longest other subject number has 25.
inline constexpr int kSubjectNumber = 88;
// Parameters of one paper, and values of one parameter.
inline constexpr int kParametersPerPaper = 8;
inline constexpr int kValuesPerParameter = 16;
inline constexpr int kParameterValue = 64;
// A compact JWS of an identity provider.
inline constexpr int kAssertion = 4096;
// The largest request message of any RPC; bodies come from holders only.
inline constexpr int kRequestBytes = 256 * 1024;
// Age of a request_id; a repeat after that is refused, so its row can be deleted (P7).
inline constexpr absl::Duration kRequestIdAge = absl::Hours(24 * 7);
// How far a caller's clock may run ahead.
inline constexpr absl::Duration kClockSkew = absl::Minutes(5);

// --- Catalogue ---
// All agencies of the country with 300 kinds come to well under 4 MiB.
inline constexpr size_t kCatalogueBytes = 4 * 1024 * 1024;
// The text of one that is submitted: with the call around it, less than a message may have.
inline constexpr int kSignedCatalogueBytes = 2 * 1024 * 1024;
// Codes of kinds and affairs, ids of approvals, names of parameters.
inline constexpr int kCatalogueCode = 40;
// Names people read, in characters, and lines that explain something to them.
inline constexpr int kCatalogueName = 60;
inline constexpr int kCatalogueLine = 200;
// An agency's name in a message, in syllables.
inline constexpr int kSmsName = 7;
// A consent: how long it counts, how often, and how long it can be decided.
inline constexpr absl::Duration kConsentLifeMin = absl::Minutes(1);
inline constexpr absl::Duration kConsentLifeMax = absl::Hours(24 * 366);
inline constexpr uint32_t kConsentUses = 1000;
inline constexpr absl::Duration kDecideWithinMin = absl::Minutes(1);
inline constexpr absl::Duration kDecideWithinMax = absl::Hours(24 * 30);
// Days a paper counts, and may be kept: "for ever" is no term.
inline constexpr uint32_t kDocumentDays = 3660;

// --- Codes and assertions (P9) ---
inline constexpr int kCodeDigits = 6;
inline constexpr int kCodeAttempts = 5;
inline constexpr int kCodeResends = 3;
inline constexpr absl::Duration kCodeLife = absl::Minutes(10);
inline constexpr absl::Duration kAssertionAge = absl::Minutes(10);

// --- Consents ---
// Undecided requests of one requester for one affair to one person: more is pestering.
inline constexpr int kPendingPerPerson = 20;
// Newest consents of a person for a requester and affair that a look for one that counts reads.
inline constexpr int kConsentsLookedAt = 256;
// First contacts that meet, or a catalogue that changes, while a consent is being opened.
inline constexpr int kOpenTries = 4;
// A notice is of no use after so long.
inline constexpr absl::Duration kNoticeLife = absl::Hours(24);
// Used nonces and old requests that one change forgets on its way: more than it adds.
inline constexpr int kForgottenAtOnce = 32;

// Ends of consents that the sweep enters at a time: a small part of a group, so that callers hardly
// feel it. The pause before the next such page, and between two rounds.
inline constexpr int kExpiriesAtOnce = 128;
inline constexpr absl::Duration kExpiryPause = absl::Milliseconds(100);
inline constexpr absl::Duration kExpiryRound = absl::Seconds(10);

// --- Documents ---
inline constexpr uint32_t kChunkBytes = 64 * 1024;
inline constexpr uint32_t kChunkBytesMax = 1024 * 1024;
inline constexpr int kChunksPerDocument = 4096;
inline constexpr uint64_t kDocumentBytesDefault = 16ull * 1024 * 1024;
inline constexpr uint64_t kDocumentBytesMax = 256ull * 1024 * 1024;
// A signed header: 4,096 chunk digests and the rest.
inline constexpr int kHeaderBytes = 160 * 1024;
inline constexpr size_t kNonceBytes = 32;

// --- Release ---
inline constexpr int kFetches = 1024;
inline constexpr int kFetchesPerRequester = 256;
inline constexpr int kDocumentsPerHolder = 256;
inline constexpr absl::Duration kHolderAnswer = absl::Seconds(10);
inline constexpr absl::Duration kBodyIdle = absl::Seconds(10);
// A fetch as a whole, however slow its reader.
inline constexpr absl::Duration kFetchLife = absl::Minutes(10);
// A requester that takes nothing is gone.
inline constexpr absl::Duration kRequesterPatience = absl::Seconds(30);
// A holder that cannot be reached so often in a row is not asked for so long; then one call tries.
inline constexpr int kBreakerFailures = 5;
inline constexpr absl::Duration kBreakerOpen = absl::Seconds(5);
// After the last use, fetches of the same case for papers not yet arrived take no use for so long.
inline constexpr absl::Duration kExhaustedGrace = absl::Hours(24);

// --- Holder's side (naru-holder) ---
inline constexpr int kHolderDocuments = 64;
// After the connection, for the request.
inline constexpr absl::Duration kHolderRequest = absl::Seconds(10);
// After the answer, for the Proceed: a bundle waits for the slowest holder and then for the ledger.
inline constexpr absl::Duration kHolderProceed = absl::Seconds(60);
// A chunk that the broker does not take; longer than the broker's own patience with a slow reader.
inline constexpr absl::Duration kHolderWrite = absl::Seconds(30);
// Connections to one database, and how long a request waits for one of them.
inline constexpr uint32_t kHolderConnections = 2;
inline constexpr uint32_t kHolderConnectionsMax = 32;
inline constexpr absl::Duration kHolderConnectionWait = absl::Seconds(5);
// Rows of one list of a document, unless configured.
inline constexpr uint32_t kHolderListRows = 1000;
// A printed document (PDF): what it is made of, one value of it, its pages, and how long it may
// take; the broker waits kHolderAnswer in all.
inline constexpr size_t kPdfInputBytes = 4 * 1024 * 1024;
inline constexpr size_t kPdfValueBytes = 16 * 1024;
inline constexpr int kPdfPages = 200;
inline constexpr absl::Duration kPdfTime = absl::Seconds(5);
// How often a holder looks whether its configuration or its signing key is another.
inline constexpr absl::Duration kHolderReload = absl::Seconds(5);

// --- Resolver (naru-resolver) ---
// Calls being worked on; more wait at their callers.
inline constexpr int kResolverCalls = 256;
// Connections to its database, each with a thread.
inline constexpr int kResolverConnections = 4;
// For the broker's entry of a look-up.
inline constexpr absl::Duration kLookUpEntry = absl::Seconds(5);
// Look-ups a second of one asking service, and of one official: a counter sees one person a minute;
// who needs more is trying out numbers.
inline constexpr double kLookUpsPerSecond = 50;
inline constexpr double kLookUpsBurst = 200;
inline constexpr double kOfficialLookUpsPerSecond = 0.5;
inline constexpr double kOfficialLookUpsBurst = 60;
// Officials of one asking service whose rates are remembered.
inline constexpr int kLookUpOfficials = 20000;
// A person's name, in characters.
inline constexpr int kPersonName = 100;

// --- Notifier (naru-notify) ---
// For the broker's answer to an acknowledgement.
inline constexpr absl::Duration kAcknowledge = absl::Seconds(10);
// After the feed broke or the gateway took nothing: the first wait, and the longest.
inline constexpr absl::Duration kNotifierRetryFirst = absl::Milliseconds(200);
inline constexpr absl::Duration kNotifierRetryMost = absl::Seconds(30);

// --- Journal ---
// Changes waiting for a group; more are refused as OVERLOADED.
inline constexpr int kJournalQueue = 16384;
// Changes in one group: larger ones win nothing (platform measurement: 46 -> 205 gives +40 %).
inline constexpr int kJournalGroup = 512;
// Machine checks waiting to be entered.
inline constexpr int kCheckNotes = 4096;
inline constexpr absl::Duration kCheckNoteDelay = absl::Milliseconds(10);
// After notes could not be entered; until then they wait, and count against kCheckNotes.
inline constexpr absl::Duration kCheckNoteRetry = absl::Seconds(1);
// Lines of one CHECKS entry: keeps the record and its proof small; more make more entries.
inline constexpr int kChecksPerEntry = 256;

// --- gRPC connections ---
// The largest message: a chunk of a document and what stands around it.
inline constexpr int kMessageBytes = static_cast<int>(kChunkBytesMax) + kRequestBytes;
// All metadata of a call.
inline constexpr int kMetadataBytes = 16 * 1024;
// Calls of one connection at a time; watches of one agency's system share a connection.
inline constexpr int kStreamsPerConnection = 1024;
// A TLS handshake held open takes a place.
inline constexpr absl::Duration kHandshake = absl::Seconds(5);
// A peer whose machine is gone is noticed after the two together.
inline constexpr absl::Duration kPingEvery = absl::Seconds(20);
inline constexpr absl::Duration kPingAnswer = absl::Seconds(10);
// After a connection broke: the first try, and the longest wait.
inline constexpr absl::Duration kReconnectFirst = absl::Milliseconds(100);
inline constexpr absl::Duration kReconnectMost = absl::Seconds(2);
// Text and serialized detail of an error.
inline constexpr size_t kErrorText = 512;
inline constexpr size_t kErrorDetailBytes = 2048;

// --- Streams ---
inline constexpr int kWatches = 100000;
inline constexpr absl::Duration kHeartbeat = absl::Seconds(15);
inline constexpr int kMessagesAhead = 16;
inline constexpr int kCallsPerSecond = 2000;
// Unary calls being worked on; each holds its request, at most kRequestBytes.
inline constexpr int kCallsInFlight = 20000;
// Calls a second for one official: a person cannot do more, a script could.
inline constexpr int kOfficialCallsPerSecond = 50;
// Callers and officials whose rates are remembered.
inline constexpr int kRateKeys = 100000;

// --- Messages: bytes in EUC-KR that every Korean phone takes as one SMS ---
inline constexpr int kSmsBytes = 90;

// --- Pages of lists ---
inline constexpr int kPageDefault = 50;
inline constexpr int kPageMax = 500;
inline constexpr int kConsentPageMax = 200;
// Index rows that one page of a list looks at.
inline constexpr int kListedRows = 2000;
// Newest entries of a case that a look for its consents reads, and consents that it finds.
inline constexpr int kCaseEntriesLookedAt = 2000;
inline constexpr size_t kConsentsOfCase = 200;

// --- Checks of many consents, watches of many ---
inline constexpr int kChecksPerRequest = 512;
// Entries that one watcher reads from the ledger at a time, and that the window of newest entries
// remembers the parties of: about 64 bytes each.
inline constexpr int kWatchEntriesRead = 1000;
inline constexpr size_t kWatchWindow = 16384;

}  // namespace naru::limits

#endif  // NARU_BROKER_BASE_LIMITS_H_
