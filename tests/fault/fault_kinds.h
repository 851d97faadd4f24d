#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "devnet/fault_rules.h"
#include "devnet/request_log.h"

namespace ecloud::testing {

/// What can happen to a request between this machine and a server.
enum class Fault {
  kRefused,      ///< nobody listens at the port
  kResetBefore,  ///< the connection breaks before the server has acted
  kResetAfter,   ///< the server has acted, its answer is lost
  kSlow,         ///< nothing within the time limit; the server acts when the run is over
  kLateAnswer,   ///< the server acts at once and answers too late
  kTooManyFor,   ///< 429 with Retry-After
  kTooMany,      ///< 429 without
  kServerError,  ///< 500
  kBadGateway,   ///< 502 with a web page
  kCut,          ///< half of the answer's body
  kGarbage,      ///< 200 and octets that mean nothing
  kWrongShape,   ///< well-formed JSON of another shape
  kErrorAnswer,  ///< JSON-RPC: an error that says "internal error"
  kNullAnswer,   ///< JSON-RPC: null
  kWrongId,      ///< JSON-RPC: the answer to another call
  kDuplicate,    ///< the request arrives twice
};

/// "answer lost after the server acted".
std::string_view name_of(Fault fault);

/// Which request goes wrong, and for how long.
struct Target {
  std::string kind;       ///< as FaultRule::kind; for kRefused as label_of()
  std::uint32_t nth = 1;  ///< of that kind
  bool lasting = false;   ///< from then on for as long as the run lasts

  std::string describe() const;
};

/// How the client's side names a request: its JSON-RPC methods, or its method and the beginning of
/// its path.
std::string label_of(std::string_view method, std::string_view url, std::string_view body);

/// A run that went well.
struct Course {
  std::vector<devnet::RequestRecord> requests;
  std::vector<std::string> labels;  ///< the client's
};

/// Every request of a run, each once and, when `thorough`, each lasting; else the lasting ones of
/// those faults alone that differ most.
std::vector<Target> targets_of(Fault fault, const Course& course, bool thorough);

/// The devnet's rule for that; none for kRefused.
devnet::FaultRule rule_of(Fault fault, const Target& target);

}  // namespace ecloud::testing
