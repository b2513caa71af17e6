#include "broker/server.h"

#include <glog/logging.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "broker/agency_watch.h"
#include "broker/authenticator.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/keyed_rate_limiter.h"
#include "broker/base/limits.h"
#include "broker/base/ops/ops_server.h"
#include "broker/base/status_macros.h"
#include "broker/base/thread_pool.h"
#include "broker/base/thread_timer.h"
#include "broker/book_release_record.h"
#include "broker/broker_config.h"
#include "broker/broker_keys.h"
#include "broker/call_frame.h"
#include "broker/catalogue_service.h"
#include "broker/clock_sync.h"
#include "broker/consent_service.h"
#include "broker/document_service.h"
#include "broker/history_service.h"
#include "broker/holder_pool.h"
#include "broker/ledger_service.h"
#include "broker/message_feed.h"
#include "broker/metrics.h"
#include "broker/release_parts.h"
#include "broker/resolver_client.h"
#include "broker/self_probe.h"
#include "broker/trusted_keys.h"
#include "broker/watch.h"
#include "consent/catalog/policy.h"
#include "consent/consent_book.h"
#include "consent/consent_events.h"
#include "consent/consent_lists.h"
#include "consent/expiry_job.h"
#include "consent/history_book.h"
#include "consent/journal.h"
#include "consent/ledger/ledger.h"
#include "consent/ledger/tile_publisher.h"
#include "consent/outbox.h"
#include "consent/person_directory.h"
#include "consent/release_acknowledge.h"
#include "consent/release_book.h"
#include "consent/store/rocksdb_store.h"

namespace naru {
namespace {

constexpr uint16_t kLedgerNumber = 0;
constexpr absl::Duration kPublishInterval = absl::Seconds(1);
// How long an end waits for what the last calls left behind.
constexpr absl::Duration kQuiesce = absl::Seconds(10);

std::string WithPort(const std::string& address, int port) {
  return absl::StrCat(address.substr(0, address.rfind(':')), ":", port);
}

// Where the public ledger lies: <data>/public/<ledger>/.
std::string PublicDirectory(const config::v1::BrokerConfig& config) {
  return absl::StrCat(config.data_directory(), "/public/", kLedgerNumber);
}

absl::StatusOr<std::shared_ptr<const Catalogue>> LoadCatalogue(
    const config::v1::BrokerConfig& config) {
  const std::string& path = config.catalogue_file();
  const size_t slash = path.rfind('/');
  return Catalogue::Load(path, slash == std::string::npos ? "." : path.substr(0, slash));
}

bool HasRole(const config::v1::Service& service, config::v1::Role role) {
  return std::count(service.roles().begin(), service.roles().end(), role) != 0;
}

// The identity the broker's certificate must have: the catalogue's one service with role BROKER.
absl::StatusOr<std::string> OwnIdentity(const Catalogue& catalogue) {
  for (const config::v1::Agency& agency : catalogue.message().agencies()) {
    for (const config::v1::Service& service : agency.services()) {
      if (HasRole(service, config::v1::ROLE_BROKER)) {
        return ToUri({agency.code(), service.name()});
      }
    }
  }
  return absl::FailedPreconditionError("the catalogue has no service with role BROKER");
}

}  // namespace

// Members are built in order and go in reverse order: what is below uses what is above.
struct Server::Graph {
  explicit Graph(Options given) : options(std::move(given)), config(options.config) {}
  ~Graph();

  absl::Status OpenRecord();
  void PolicyChanged();
  absl::Status BuildRules();
  absl::Status ReachOthers();
  absl::Status Serve();
  void Schedule(absl::Duration interval, std::function<void()> work);
  void Publish();
  void Shutdown(absl::Duration grace);
  void Quiesce();

  std::optional<HolderAddress> FindHolder(const std::string& agency) const;
  absl::Status Ready() const;
  std::optional<std::set<config::v1::Role>> RolesOf(const PeerIdentity& identity) const;
  RateLimit LimitOf(const Caller& caller) const;
  void Gauges();

  const Options options;
  const config::v1::BrokerConfig config;
  Found found;

  Clock* clock = nullptr;
  Random* random = nullptr;
  Metrics metrics;
  // Work of calls, and callbacks of the journal: apart, so that waiting calls never hold up what
  // they wait for.
  std::unique_ptr<ThreadPool> calls;
  std::unique_ptr<ThreadPool> commits;
  std::unique_ptr<ThreadTimer> real_timer;
  Timer* timer = nullptr;

  BrokerKeys keys;
  std::unique_ptr<RocksDbStore> store;
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<TilePublisher> publisher;
  std::unique_ptr<Policy> policy;
  std::unique_ptr<ConsentEvents> events;
  std::unique_ptr<MessageFeed> feed;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<PersonDirectory> directory;
  std::unique_ptr<TrustedKeys> trusted;
  RulesContext rules;
  std::unique_ptr<ConsentBook> consents;
  std::unique_ptr<ReleaseBook> releases;
  std::unique_ptr<AcknowledgeBook> acknowledgements;
  std::unique_ptr<HistoryBook> histories;
  std::unique_ptr<Outbox> outbox;

  std::unique_ptr<ResolverClient> resolver;
  std::unique_ptr<HolderPool> holders;
  std::unique_ptr<HolderStreams> wrapped_holders;
  std::unique_ptr<BookReleaseRecord> record;
  ReleaseParts parts;

  std::unique_ptr<Authenticator> authenticator;
  std::unique_ptr<KeyedRateLimiter> caller_rates;
  std::unique_ptr<KeyedRateLimiter> official_rates;
  std::unique_ptr<CallFrame> frame;
  std::unique_ptr<ConsentWatches> watches;
  std::unique_ptr<ConsentLists> lists;
  std::unique_ptr<AgencyWatches> agency_watches;
  std::unique_ptr<ConsentServiceImpl> consent_service;
  std::unique_ptr<DocumentServiceImpl> document_service;
  std::unique_ptr<CatalogueServiceImpl> catalogue_service;
  std::unique_ptr<HistoryServiceImpl> history_service;
  std::unique_ptr<LedgerServiceImpl> ledger_service;
  std::unique_ptr<MessageServiceImpl> message_service;
  std::unique_ptr<grpc::Server> server;
  std::string grpc_address;
  std::unique_ptr<OpsServer> ops;
  std::unique_ptr<SelfProbe> probe;
  std::unique_ptr<ExpiryJob> expiry;

  std::atomic<bool> synchronised{true};
  std::atomic<bool> stopping{false};
  std::atomic<bool> down{false};
};

// Store, ledger, policy and journal: the record. Refuses to go on from a damaged one.
absl::Status Server::Graph::OpenRecord() {
  ABSL_ASSIGN_OR_RETURN(keys, ReadBrokerKeys(config));
  ABSL_ASSIGN_OR_RETURN(auto first_version, LoadCatalogue(config));
  RocksDbStore::Options store_options;
  store_options.data_directory = config.data_directory();
  store_options.head_directory = config.head_directory();
  store_options.clock = clock;
  store_options.min_free_bytes = config.min_free_bytes();
  store_options.ballast_bytes = config.ballast_bytes();
  ABSL_ASSIGN_OR_RETURN(store, RocksDbStore::Open(store_options));
  ABSL_ASSIGN_OR_RETURN(ledger,
                        Ledger::Open(store.get(), keys.checkpoint_signer.get(), kLedgerNumber));
  // Before the first change: it would be the first to notice that published entries are gone.
  publisher = std::make_unique<TilePublisher>(ledger.get(), store.get(), PublicDirectory(config));
  ABSL_RETURN_IF_ERROR(publisher->Publish());
  ABSL_ASSIGN_OR_RETURN(
      policy,
      Policy::Open({store.get(), crypto::HmacSha256(keys.key_encryption_key, "naru-officials-v1"),
                    options.development},
                   std::move(first_version)));
  trusted = std::make_unique<TrustedKeys>(options.development ? DevelopmentProviders::kAllow
                                                              : DevelopmentProviders::kRefuse);
  events = std::make_unique<ConsentEvents>(calls.get());
  outbox = std::make_unique<Outbox>(&rules);
  feed = std::make_unique<MessageFeed>(
      MessageFeed::Options{clock, timer, calls.get(), outbox.get(), &metrics});
  lists = std::make_unique<ConsentLists>(&rules);
  agency_watches = std::make_unique<AgencyWatches>(
      AgencyWatches::Options{clock, timer, calls.get(), &rules, ledger.get(), lists.get(), &metrics,
                             static_cast<int>(config.limits().max_watches())});

  Journal::Options journal_options;
  journal_options.clock = clock;
  journal_options.random = random;
  journal_options.store = store.get();
  journal_options.ledger = ledger.get();
  journal_options.executor = commits.get();
  journal_options.observer.on_group = [this](int changes, int /*entries*/, absl::Duration judge,
                                             absl::Duration sync) {
    metrics.JournalGroup(changes, judge, sync);
    feed->Wake();
    agency_watches->Wake();
  };
  journal_options.observer.on_entry = [this](const v1::OuterEntry& entry) {
    metrics.Entered(entry);
  };
  journal_options.policy = [this] { return policy->row(); };
  journal_options.on_policy_changed = [this] { PolicyChanged(); };
  journal = std::make_unique<Journal>(std::move(journal_options));
  ABSL_RETURN_IF_ERROR(policy->Start(journal.get()));

  found.entries = ledger->found().entries;
  found.root_hex = absl::BytesToHexString(ledger->found().root);
  found.created = ledger->found().created;
  found.generation = policy->row().generation();
  found.catalogue_file_differs = policy->first_version_differs();
  metrics.ledger_entries().Set(static_cast<double>(ledger->head().size));
  return absl::OkStatus();
}

// Everything that goes by the catalogue changes over before the next change is judged. The first
// version is loaded where an error can be told to whoever starts the broker.
void Server::Graph::PolicyChanged() {
  policy->OnChanged();
  if (rules.keys == nullptr) return;
  const absl::Status loaded = trusted->Load(*policy->catalogue());
  CHECK(loaded.ok()) << "the keys of a catalogue that was checked cannot be loaded: " << loaded;
}

// The books: every rule of consent and release.
absl::Status Server::Graph::BuildRules() {
  const auto catalogue = policy->catalogue();
  for (const config::v1::IdentityProvider& provider : catalogue->message().providers()) {
    if (provider.development() && !options.development) {
      return absl::FailedPreconditionError(
          absl::StrCat("the catalogue names the development identity provider \"",
                       provider.issuer(), "\": start with --development, or take it out"));
    }
  }
  ABSL_RETURN_IF_ERROR(trusted->Load(*catalogue));
  directory = std::make_unique<PersonDirectory>(keys.pepper, keys.key_encryption_key,
                                                config.key_encryption_key().key_id(), random);
  rules.clock = clock;
  rules.random = random;
  rules.store = store.get();
  rules.journal = journal.get();
  rules.ledger = ledger.get();
  rules.policy = policy.get();
  rules.directory = directory.get();
  rules.events = events.get();
  rules.keys = trusted->keys();
  rules.issuers = [this] { return trusted->issuers(); };
  rules.code_key = keys.code_key;
  rules.code_key_id = config.code_key().key_id();
  rules.link_key = keys.link_key;
  rules.help_line = HelpLineOf(config);
  consents = std::make_unique<ConsentBook>(&rules);
  releases = std::make_unique<ReleaseBook>(&rules);
  acknowledgements = std::make_unique<AcknowledgeBook>(&rules);
  histories = std::make_unique<HistoryBook>(&rules);
  return absl::OkStatus();
}

// Channels to holders and resolver.
absl::Status Server::Graph::ReachOthers() {
  const auto catalogue = policy->catalogue();
  const Catalogue::Party* party = catalogue->resolver();
  if (party == nullptr) {
    return absl::FailedPreconditionError("the catalogue has no service with role RESOLVER");
  }
  ABSL_ASSIGN_OR_RETURN(auto channel,
                        ChannelTo(party->service->address(), config.tls(),
                                  ToUri({party->agency->code(), party->service->name()})));
  resolver = std::make_unique<ResolverClient>(std::move(channel));

  HolderPool::Options pool;
  pool.clock = clock;
  pool.find = [this](const std::string& agency) { return FindHolder(agency); };
  pool.connect = [this](const HolderAddress& holder) {
    return ChannelTo(holder.address, config.tls(), holder.identity);
  };
  pool.max_documents = static_cast<int>(config.limits().max_documents_per_holder());
  pool.holder_answer = absl::Seconds(config.limits().holder_answer_seconds());
  pool.breaker_changed = [this](const std::string& agency, bool open) {
    metrics.BreakerOpen(agency, open);
  };
  // Every holder has its line from the start, not from its first failure.
  for (const config::v1::Agency& agency : catalogue->message().agencies()) {
    if (FindHolder(agency.code()).has_value()) metrics.BreakerOpen(agency.code(), false);
  }
  holders = std::make_unique<HolderPool>(std::move(pool));
  record = std::make_unique<BookReleaseRecord>(releases.get());
  parts.clock = clock;
  parts.timer = timer;
  parts.executor = calls.get();
  parts.record = record.get();
  parts.holders = holders.get();
  if (options.wrap_holders) {
    wrapped_holders = options.wrap_holders(holders.get());
    parts.holders = wrapped_holders.get();
  }
  parts.events = events.get();
  parts.keys = trusted->keys();
  parts.receipt_key = keys.receipt_key.get();
  parts.holder_answer = absl::Seconds(config.limits().holder_answer_seconds());
  parts.body_idle = absl::Seconds(config.limits().body_idle_seconds());
  parts.document_done = [this](const std::string& holder, v1::Outcome outcome,
                               v1::RefusalReason reason, absl::Duration took) {
    metrics.DocumentDone(holder, outcome, reason, took);
  };
  parts.document_bytes = [this](const std::string& holder, size_t bytes) {
    metrics.DocumentBytes(holder, bytes);
  };
  parts.quarantined = [this](const std::string& holder, v1::RefusalReason reason) {
    metrics.Quarantined(holder, reason);
  };
  return absl::OkStatus();
}

std::optional<HolderAddress> Server::Graph::FindHolder(const std::string& agency) const {
  const auto catalogue = policy->catalogue();
  const config::v1::Agency* found_agency = catalogue->FindAgency(agency);
  if (found_agency == nullptr) return std::nullopt;
  for (const config::v1::Service& service : found_agency->services()) {
    if (HasRole(service, config::v1::ROLE_HOLDER)) {
      return HolderAddress{service.address(), ToUri({agency, service.name()})};
    }
  }
  return std::nullopt;
}

absl::Status Server::Graph::Ready() const {
  if (stopping.load()) return NotReady("the broker stops");
  if (!synchronised.load()) return NotReady("the system clock is not synchronised");
  return absl::OkStatus();
}

std::optional<std::set<config::v1::Role>> Server::Graph::RolesOf(
    const PeerIdentity& identity) const {
  const auto catalogue = policy->catalogue();
  const Catalogue::Party* party = catalogue->FindService(identity);
  if (party == nullptr) return std::nullopt;
  return party->roles;
}

RateLimit Server::Graph::LimitOf(const Caller& caller) const {
  const auto catalogue = policy->catalogue();
  const Catalogue::Party* party = catalogue->FindService({caller.agency, caller.service});
  double rate = config.limits().calls_per_second();
  if (party != nullptr && party->service->calls_per_second() != 0) {
    rate = party->service->calls_per_second();
  }
  return {rate, rate};
}

void Server::Graph::Gauges() {
  metrics.executor_queue().Set(static_cast<double>(calls->queued() + commits->queued()));
  metrics.journal_queue().Set(static_cast<double>(journal->queued()));
  metrics.clock_synchronised().Set(SystemClockIsSynchronised() ? 1 : 0);
  metrics.min_free_bytes().Set(static_cast<double>(config.min_free_bytes()));
  struct statvfs space = {};
  if (statvfs(config.data_directory().c_str(), &space) == 0) {
    metrics.free_bytes().Set(static_cast<double>(space.f_bavail) *
                             static_cast<double>(space.f_frsize));
  }
}

// Services, listener, operator's port.
absl::Status Server::Graph::Serve() {
  authenticator = std::make_unique<Authenticator>(
      [this](const PeerIdentity& identity) { return RolesOf(identity); });
  const double official_rate = limits::kOfficialCallsPerSecond;
  caller_rates = std::make_unique<KeyedRateLimiter>(
      clock, RateLimit{static_cast<double>(limits::kCallsPerSecond), limits::kCallsPerSecond},
      limits::kRateKeys);
  official_rates = std::make_unique<KeyedRateLimiter>(
      clock, RateLimit{official_rate, official_rate}, limits::kRateKeys);
  CallFrame::Options frame_options;
  frame_options.clock = clock;
  frame_options.executor = calls.get();
  frame_options.metrics = &metrics;
  frame_options.authenticator = authenticator.get();
  frame_options.callers = caller_rates.get();
  frame_options.officials = official_rates.get();
  frame_options.official_hash = [this](const Caller& caller, const std::string& official) {
    return directory->OfficialHash(caller.agency, official);
  };
  frame_options.limit_of = [this](const Caller& caller) { return LimitOf(caller); };
  frame_options.ready = [this] { return Ready(); };
  frame = std::make_unique<CallFrame>(std::move(frame_options));
  watches = std::make_unique<ConsentWatches>(
      ConsentWatches::Options{clock, timer, calls.get(), consents.get(), events.get(), &metrics,
                              static_cast<int>(config.limits().max_watches())});
  consent_service = std::make_unique<ConsentServiceImpl>(
      ConsentServiceImpl::Parts{frame.get(), consents.get(), lists.get(), resolver.get(),
                                watches.get(), agency_watches.get(), keys.receipt_key.get()});
  document_service = std::make_unique<DocumentServiceImpl>(
      DocumentServiceImpl::Options{frame.get(), releases.get(), acknowledgements.get(), &parts,
                                   static_cast<int>(config.limits().max_fetches()),
                                   static_cast<int>(config.limits().max_fetches_per_requester())});
  catalogue_service =
      std::make_unique<CatalogueServiceImpl>(frame.get(), policy.get(), events.get());
  history_service = std::make_unique<HistoryServiceImpl>(frame.get(), histories.get());
  ledger_service = std::make_unique<LedgerServiceImpl>(frame.get(), ledger.get());
  message_service = std::make_unique<MessageServiceImpl>(frame.get(), feed.get(), outbox.get());

  ABSL_ASSIGN_OR_RETURN(auto credentials, ServerCredentials(config.tls()));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetServerBounds(builder, limits::kRequestBytes);
  int port = 0;
  builder.AddListeningPort(config.listen_address(), credentials, &port);
  builder.RegisterService(consent_service.get());
  builder.RegisterService(document_service.get());
  builder.RegisterService(catalogue_service.get());
  builder.RegisterService(history_service.get());
  builder.RegisterService(ledger_service.get());
  builder.RegisterService(message_service.get());
  server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", config.listen_address()));
  }
  grpc_address = WithPort(config.listen_address(), port);
  ABSL_ASSIGN_OR_RETURN(
      ops, OpsServer::Start({config.ops_address(), "naru-broker", config.tls().certificate_file(),
                             metrics.registry(), [this] { return Ready().ok(); },
                             [this] { Gauges(); }}));
  if (config.ports_file().empty()) return absl::OkStatus();
  return AtomicWriteFile(config.ports_file(),
                         absl::StrCat("grpc=", grpc_address, "\nops=", ops->address(), "\n"), 0644);
}

// Runs `work` again and again, one at a time, until the broker stops.
void Server::Graph::Schedule(absl::Duration interval, std::function<void()> work) {
  timer->After(interval, [this, interval, work = std::move(work)]() mutable {
    if (stopping.load()) return;
    work();
    Schedule(interval, std::move(work));
  });
}

void Server::Graph::Publish() {
  if (absl::Status status = publisher->Publish(); !status.ok()) {
    LOG(ERROR) << "the public ledger was not written: " << status.message();
    metrics.publish_failures().Increment();
  }
}

void Server::Graph::Shutdown(absl::Duration grace) {
  if (down.exchange(true)) return;
  stopping.store(true);
  probe.reset();
  expiry.reset();
  if (document_service != nullptr) document_service->Interrupt();
  if (server != nullptr) {
    server->GetHealthCheckService()->SetServingStatus(false);
    server->Shutdown(DeadlineAfter(grace));
    server->Wait();
  }
  ops.reset();
}

// Waits for what the last calls left behind: a fetch whose requester is gone still enters its
// outcomes, each step a commit whose answer starts the next. Nothing new comes any more, so a few
// rounds see the end of it. What is not done by kQuiesce is logged, and left to the pools' ends.
void Server::Graph::Quiesce() {
  if (calls == nullptr || commits == nullptr || journal == nullptr) return;
  constexpr int kRounds = 6;
  const absl::Duration end = Clock::Real()->Monotonic() + kQuiesce;
  const auto left = [end] { return end - Clock::Real()->Monotonic(); };
  for (int round = 0; round < kRounds; ++round) {
    absl::Status status = calls->WaitIdle(left());
    // Answered after everything that was committed before it.
    const auto answered = std::make_shared<absl::Notification>();
    journal->Commit({{}, [](const Reader&, const JudgeContext&) { return Verdict(); }},
                    [answered](const absl::StatusOr<Committed>&) { answered->Notify(); });
    if (!answered->WaitForNotificationWithTimeout(left())) {
      status.Update(absl::DeadlineExceededError("the journal does not answer"));
    }
    status.Update(commits->WaitIdle(left()));
    if (!status.ok()) LOG(ERROR) << "while ending: " << status.message();
    if (absl::IsDeadlineExceeded(status)) return;
  }
}

Server::Graph::~Graph() {
  Shutdown(absl::Seconds(10));
  // Timers first: they start work. The timer itself stays: what runs may still set it. Then calls,
  // which wait for commits. The journal's end makes durable what waits.
  if (real_timer != nullptr) real_timer->Stop();
  Quiesce();
  calls.reset();
  journal.reset();
  commits.reset();
  if (publisher != nullptr) Publish();
}

Server::Server(std::unique_ptr<Graph> graph) : graph_(std::move(graph)) {}
Server::~Server() = default;

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Options options) {
  auto graph = std::make_unique<Graph>(std::move(options));
  Graph& g = *graph;
  g.clock = g.options.clock != nullptr ? g.options.clock : Clock::Real();
  g.random = g.options.random != nullptr ? g.options.random : Random::System();
  const int cores = std::max(2u, std::thread::hardware_concurrency());
  g.calls = std::make_unique<ThreadPool>("naru-calls", cores);
  g.commits = std::make_unique<ThreadPool>("naru-commits", cores);
  g.real_timer = std::make_unique<ThreadTimer>(g.calls.get());
  g.timer = g.options.timer != nullptr ? g.options.timer : g.real_timer.get();

  if (g.config.clock() == config::v1::CLOCK_MODE_REQUIRE_SYNCHRONISED) {
    g.synchronised = SystemClockIsSynchronised();
    LOG_IF(WARNING, !g.synchronised) << "the system clock is not synchronised: calls are refused";
    g.Schedule(absl::Seconds(1), [&g] { g.synchronised = SystemClockIsSynchronised(); });
  } else if (!SystemClockIsSynchronised()) {
    LOG(WARNING) << "the system clock is not synchronised (clock: WARN, so this is not refused)";
  }
  ABSL_RETURN_IF_ERROR(g.OpenRecord());
  ABSL_RETURN_IF_ERROR(g.BuildRules());
  ABSL_RETURN_IF_ERROR(g.ReachOthers());
  ABSL_RETURN_IF_ERROR(g.Serve());
  g.Schedule(kPublishInterval, [&g] { g.Publish(); });
  g.expiry = std::make_unique<ExpiryJob>(&g.rules, g.timer);
  if (g.options.self_probe) {
    const auto catalogue = g.policy->catalogue();
    ABSL_ASSIGN_OR_RETURN(const std::string identity, OwnIdentity(*catalogue));
    g.probe = std::make_unique<SelfProbe>(
        SelfProbe::Options{g.grpc_address, g.config.tls(), identity, g.clock, g.timer,
                           [&g] { g.metrics.probe_failures().Increment(); }, g.options.on_deaf});
  }
  return std::unique_ptr<Server>(new Server(std::move(graph)));
}

const std::string& Server::grpc_address() const { return graph_->grpc_address; }
const std::string& Server::ops_address() const { return graph_->ops->address(); }
const Server::Found& Server::found() const { return graph_->found; }
void Server::Shutdown(absl::Duration grace) { graph_->Shutdown(grace); }

}  // namespace naru
