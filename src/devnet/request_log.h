#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/json.h"

namespace ecloud::devnet {

/// One HTTP request. Bodies and signatures are not kept.
struct RequestRecord {
  std::uint64_t number = 0;  ///< counted from 1
  std::vector<std::string>
      kinds;  ///< as in FaultRule; a batch has "rpc:batch" and each of its calls
  std::string method;
  std::string path;              ///< with the query
  int status = 0;                ///< 0 without an answer: closed, or still under way
  std::int64_t started_ms = 0;   ///< real time since the devnet started
  std::int64_t finished_ms = 0;  ///< when the answer was handed to the socket
  std::string client_id;         ///< x-client-id
  int client_port = 0;           ///< which connection
};

/// What was asked. The control API is not in it. Thread-safe.
class RequestLog {
 public:
  /// Enters a request that has come; gives its number.
  std::uint64_t begin(RequestRecord record);
  /// Notes how it ended; nothing when it was cleared meanwhile.
  void finish(std::uint64_t number, int status, std::int64_t finished_ms);
  void clear();
  std::vector<RequestRecord> all() const;
  std::size_t count(std::string_view kind) const;
  base::Json to_json() const;

 private:
  mutable std::mutex mutex_;
  std::uint64_t next_number_ = 1;
  std::vector<RequestRecord> records_;
};

}  // namespace ecloud::devnet
