#ifndef NARU_BROKER_BASE_OPS_PROGRAM_METRICS_H_
#define NARU_BROKER_BASE_OPS_PROGRAM_METRICS_H_

#include <prometheus/collectable.h>

#include <string>
#include <vector>

namespace naru {

// What every program tells of itself, read anew at each scrape:
//
//   naru_build_info{program,version}             always 1
//   process_start_time_seconds                   Unix time
//   process_cpu_seconds_total                    user and system
//   process_resident_memory_bytes, process_virtual_memory_bytes
//   process_open_fds, process_max_fds            descriptors, and the soft limit
//   process_threads
//   naru_certificate_not_after_seconds           Unix time when the TLS certificate ends; the file
//   is
//                                                read each time, because it may be replaced
//
// Names of process_* are those of Prometheus' client libraries. What cannot be read is left out.
// Thread-safe.
class ProgramMetrics : public prometheus::Collectable {
 public:
  // `program`: "naru-broker". `certificate_file`: PEM; empty for none.
  ProgramMetrics(std::string program, std::string certificate_file);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::string program_;
  const std::string certificate_file_;
};

}  // namespace naru

#endif  // NARU_BROKER_BASE_OPS_PROGRAM_METRICS_H_
