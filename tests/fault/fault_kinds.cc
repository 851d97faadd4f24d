#include "fault/fault_kinds.h"

#include <algorithm>
#include <set>
#include <utility>

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

namespace ecloud::testing {
namespace {

using devnet::FaultAction;
using devnet::FaultRule;

/// Ended by Devnet::settle(), when the run is over.
constexpr std::chrono::hours kForEver{1};

bool is_of_rpc(Fault fault) {
  return fault == Fault::kErrorAnswer || fault == Fault::kNullAnswer || fault == Fault::kWrongId;
}

/// How many of `kinds` a rule for `kind` counts, up to and with the last of them.
class Places {
 public:
  void pass(const std::string& kind) { passed_.push_back(kind); }
  std::uint32_t of(const std::string& kind) const {
    return static_cast<std::uint32_t>(
        std::count_if(passed_.begin(), passed_.end(),
                      [&](const std::string& one) { return devnet::kind_matches(kind, one); }));
  }

 private:
  std::vector<std::string> passed_;
};

/// Whether a rule of this fault is made for the k-th kind of a request: a batch as such, or each
/// of its calls.
bool is_target(Fault fault, const std::vector<std::string>& kinds, std::size_t k) {
  const bool of_rpc = kinds[k].starts_with("rpc:");
  const bool batch = kinds.front() == "rpc:batch";
  if (is_of_rpc(fault)) return of_rpc && kinds[k] != "rpc:batch";
  if (fault == Fault::kWrongShape && batch) return true;
  return k == 0;
}

/// Whether a fault is also made to last: one that arrives twice fails no run.
bool lasts(Fault fault, bool thorough) {
  switch (fault) {
    case Fault::kDuplicate:
      return false;
    case Fault::kRefused:
    case Fault::kResetAfter:
    case Fault::kServerError:
      return true;
    default:
      return thorough;
  }
}

}  // namespace

std::string_view name_of(Fault fault) {
  constexpr std::string_view kNames[] = {
      "connection refused",
      "connection reset before the server acted",
      "connection reset after the server acted",
      "slow beyond the time limit",
      "answer beyond the time limit",
      "429 with Retry-After",
      "429 without Retry-After",
      "500",
      "502",
      "truncated answer",
      "garbage",
      "JSON of the wrong shape",
      "JSON-RPC error",
      "JSON-RPC null",
      "wrong JSON-RPC id",
      "request delivered twice",
  };
  return kNames[static_cast<std::size_t>(fault)];
}

std::string Target::describe() const {
  return kind + "/" + std::to_string(nth) + (lasting ? "/lasting" : "/once");
}

std::string label_of(std::string_view method, std::string_view url, std::string_view body) {
  const std::size_t host = url.find("://");
  const std::size_t path = url.find('/', host == std::string_view::npos ? 0 : host + 3);
  const std::vector<std::string> parts =
      base::split(path == std::string_view::npos ? "" : url.substr(path + 1), '/');
  const std::string service = parts.front();
  if (service != "rpc") {
    const std::string second = parts.size() > 1 ? parts[1].substr(0, parts[1].find('?')) : "";
    return service + ":" + std::string(method) + (service == "v2" ? "" : " " + second);
  }
  const auto json = base::Json::try_parse(body);
  if (!json || json->is_array()) return "rpc:batch";
  return "rpc:" + (*json)["method"].opt_string().value_or("");
}

std::vector<Target> targets_of(Fault fault, const Course& course, bool thorough) {
  std::vector<Target> out;
  std::set<std::pair<std::string, std::uint32_t>> seen;
  Places places;
  const auto add = [&](const std::string& kind) {
    const std::uint32_t nth = places.of(kind);
    if (!seen.emplace(kind, nth).second) return;
    out.push_back({kind, nth, false});
    if (lasts(fault, thorough)) out.push_back({kind, nth, true});
  };
  if (fault == Fault::kRefused) {
    for (const std::string& label : course.labels) {
      places.pass(label);
      add(label);
    }
    return out;
  }
  for (const devnet::RequestRecord& request : course.requests) {
    for (std::size_t k = 0; k < request.kinds.size(); ++k) {
      places.pass(request.kinds[k]);
      if (is_target(fault, request.kinds, k)) add(request.kinds[k]);
    }
  }
  return out;
}

FaultRule rule_of(Fault fault, const Target& target) {
  FaultRule rule{.kind = target.kind, .nth = target.nth, .times = target.lasting ? 0U : 1U};
  // Once the server has not acted; for as long as it lasts it has, and no answer says so.
  rule.after_acting = target.lasting;
  switch (fault) {
    case Fault::kRefused:
      fail_bug("a refused connection never reaches the devnet");
    case Fault::kResetBefore:
      rule.action = FaultAction::kReset;
      rule.after_acting = false;
      return rule;
    case Fault::kResetAfter:
      rule.action = FaultAction::kReset;
      rule.after_acting = true;
      return rule;
    case Fault::kSlow:
      rule.action = FaultAction::kDelay;
      rule.after_acting = false;
      rule.delay = kForEver;
      return rule;
    case Fault::kLateAnswer:
      rule.action = FaultAction::kDelay;
      rule.after_acting = true;
      rule.delay = kForEver;
      return rule;
    case Fault::kTooManyFor:
      rule.headers = {{"Retry-After", "2"}};
      [[fallthrough]];
    case Fault::kTooMany:
      // Whoever limits the rate has not acted.
      rule.after_acting = false;
      rule.status = 429;
      return rule;
    case Fault::kServerError:
      rule.status = 500;
      return rule;
    case Fault::kBadGateway:
      rule.status = 502;
      rule.body = "<html>bad gateway</html>";
      return rule;
    case Fault::kCut:
      rule.action = FaultAction::kCut;
      return rule;
    case Fault::kGarbage:
      rule.action = FaultAction::kGarbage;
      return rule;
    case Fault::kWrongShape:
      rule.action = FaultAction::kWrongShape;
      return rule;
    case Fault::kErrorAnswer:
      rule.action = FaultAction::kRpcError;
      rule.body = "internal error";
      return rule;
    case Fault::kNullAnswer:
      rule.action = FaultAction::kNull;
      return rule;
    case Fault::kWrongId:
      rule.action = FaultAction::kWrongId;
      return rule;
    case Fault::kDuplicate:
      rule.action = FaultAction::kDuplicate;
      return rule;
  }
  fail_bug("a fault without a rule");
}

}  // namespace ecloud::testing
