#include "devnet/request_log.h"

#include <algorithm>

#include "devnet/fault_rules.h"

namespace ecloud::devnet {

std::uint64_t RequestLog::begin(RequestRecord record) {
  const std::lock_guard lock(mutex_);
  record.number = next_number_++;
  records_.push_back(std::move(record));
  return records_.back().number;
}

void RequestLog::finish(std::uint64_t number, int status, std::int64_t finished_ms) {
  const std::lock_guard lock(mutex_);
  for (auto record = records_.rbegin(); record != records_.rend(); ++record) {
    if (record->number != number) continue;
    record->status = status;
    record->finished_ms = finished_ms;
    return;
  }
}

void RequestLog::clear() {
  const std::lock_guard lock(mutex_);
  records_.clear();
}

std::vector<RequestRecord> RequestLog::all() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

std::size_t RequestLog::count(std::string_view kind) const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const RequestRecord& record : records_) {
    count += static_cast<std::size_t>(
        std::count_if(record.kinds.begin(), record.kinds.end(),
                      [&](const std::string& other) { return kind_matches(kind, other); }));
  }
  return count;
}

base::Json RequestLog::to_json() const {
  std::map<std::string, std::uint64_t> counts;
  base::Json requests = base::Json::array();
  for (const RequestRecord& record : all()) {
    for (const std::string& kind : record.kinds) ++counts[kind];
    requests.push(base::Json::object({{"number", record.number},
                                      {"kinds", base::Json::strings(record.kinds)},
                                      {"method", record.method},
                                      {"path", record.path},
                                      {"status", record.status},
                                      {"startedMs", record.started_ms},
                                      {"finishedMs", record.finished_ms},
                                      {"clientId", record.client_id}}));
  }
  base::Json totals = base::Json::object();
  for (const auto& [kind, count] : counts) totals.set(kind, count);
  return base::Json::object({{"counts", totals}, {"requests", requests}});
}

}  // namespace ecloud::devnet
