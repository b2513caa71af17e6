#include "broker/base/ops/program_metrics.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/base/file.h"
#include "broker/base/ops/version.h"
#include "broker/proof/certificate.h"

namespace naru {
namespace {

constexpr size_t kProcBytes = 64 * 1024;
constexpr size_t kPemBytes = 1024 * 1024;

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

void Add(const char* name, const char* help, MetricType type, double value,
         std::vector<MetricFamily>* families, std::vector<ClientMetric::Label> labels = {}) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  families->push_back({name, help, type, {std::move(metric)}});
}

// The fields of /proc/self/stat behind the program's name, which may hold blanks: the first of them
// is the third of proc(5).
std::vector<std::string> StatFields() {
  const absl::StatusOr<std::string> text = ReadFile("/proc/self/stat", kProcBytes);
  if (!text.ok()) return {};
  const size_t name_end = text->rfind(") ");
  if (name_end == std::string::npos) return {};
  return absl::StrSplit(absl::string_view(*text).substr(name_end + 2), ' ');
}

std::optional<double> NumberOf(const std::vector<std::string>& fields, size_t number_in_proc5) {
  const size_t index = number_in_proc5 - 3;
  double value = 0;
  if (index >= fields.size() || !absl::SimpleAtod(fields[index], &value)) return std::nullopt;
  return value;
}

// Unix time of the machine's start.
std::optional<double> BootTime() {
  const absl::StatusOr<std::string> text = ReadFile("/proc/stat", 16 * kProcBytes);
  if (!text.ok()) return std::nullopt;
  const size_t at = text->find("\nbtime ");
  if (at == std::string::npos) return std::nullopt;
  const std::vector<absl::string_view> rest =
      absl::StrSplit(absl::string_view(*text).substr(at + 7), absl::MaxSplits('\n', 1));
  double value = 0;
  if (!absl::SimpleAtod(rest[0], &value)) return std::nullopt;
  return value;
}

void AddProcess(std::vector<MetricFamily>* families) {
  const std::vector<std::string> fields = StatFields();
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto user = NumberOf(fields, 14);
  const auto system = NumberOf(fields, 15);
  if (user && system) {
    Add("process_cpu_seconds_total", "User and system CPU time", MetricType::Counter,
        (*user + *system) / ticks, families);
  }
  if (const auto threads = NumberOf(fields, 20)) {
    Add("process_threads", "Threads", MetricType::Gauge, *threads, families);
  }
  const auto start = NumberOf(fields, 22);
  const auto boot = BootTime();
  if (start && boot) {
    Add("process_start_time_seconds", "Start of the process, Unix time", MetricType::Gauge,
        *boot + *start / ticks, families);
  }
  if (const auto size = NumberOf(fields, 23)) {
    Add("process_virtual_memory_bytes", "Virtual memory", MetricType::Gauge, *size, families);
  }
  if (const auto pages = NumberOf(fields, 24)) {
    Add("process_resident_memory_bytes", "Resident memory", MetricType::Gauge,
        *pages * static_cast<double>(sysconf(_SC_PAGESIZE)), families);
  }
}

void AddDescriptors(std::vector<MetricFamily>* families) {
  std::error_code error;
  double open = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
       it.increment(error)) {
    ++open;
  }
  if (!error) {
    Add("process_open_fds", "Open descriptors", MetricType::Gauge, open, families);
  }
  struct rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    Add("process_max_fds", "Descriptors that may be open", MetricType::Gauge,
        static_cast<double>(limit.rlim_cur), families);
  }
}

}  // namespace

ProgramMetrics::ProgramMetrics(std::string program, std::string certificate_file)
    : program_(std::move(program)), certificate_file_(std::move(certificate_file)) {}

std::vector<MetricFamily> ProgramMetrics::Collect() const {
  std::vector<MetricFamily> families;
  Add("naru_build_info", "The program that answers", MetricType::Gauge, 1, &families,
      {{"program", program_}, {"version", kVersion}});
  AddProcess(&families);
  AddDescriptors(&families);
  if (!certificate_file_.empty()) {
    const absl::StatusOr<std::string> pem = ReadFile(certificate_file_, kPemBytes);
    const absl::StatusOr<absl::Time> end = pem.ok() ? crypto::NotAfter(*pem) : pem.status();
    if (end.ok()) {
      Add("naru_certificate_not_after_seconds", "End of the TLS certificate, Unix time",
          MetricType::Gauge, static_cast<double>(absl::ToUnixSeconds(*end)), &families);
    }
  }
  return families;
}

}  // namespace naru
