#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "devnet/fault_rules.h"
#include "ecloud/base/json.h"

namespace ecloud::devnet {

/// A part of a multipart/form-data body.
struct FormPart {
  std::string name;
  std::string filename;
  std::string content_type;
  std::string content;
};

struct HttpRequest {
  std::string method;
  std::string path;    ///< decoded, without the query
  std::string target;  ///< as sent
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  std::vector<FormPart> parts;
  int client_port = 0;
  /// The connection ended before the body did; only the registry's requests come so.
  bool is_cut = false;

  /// Empty when there is none.
  std::string header(std::string_view lower_case_name) const;
  std::string query_value(const std::string& name) const;
};

struct HttpResponse {
  /// How the connection goes on after it.
  enum class Ending { kNormal, kClose, kReset, kCut };

  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  Ending ending = Ending::kNormal;
};

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(std::int64_t unix_seconds);

HttpResponse json_response(const base::Json& json, int status = 200);
/// {"error": message}.
HttpResponse error_response(int status, std::string_view message);
HttpResponse text_response(std::string text, int status = 200);

/// One of the services behind the front door. Thread-safe.
class Service {
 public:
  virtual ~Service() = default;
  /// What the request asks for, as FaultRule names it; never empty.
  virtual std::vector<std::string> kinds(const HttpRequest& request) const = 0;
  /// `faults` has one place for each kind; a service takes those that concern single calls, the
  /// front door the others. Throws ecloud::Error for malformed JSON.
  virtual HttpResponse handle(const HttpRequest& request,
                              const std::vector<std::optional<FaultRule>>& faults) = 0;
};

}  // namespace ecloud::devnet
