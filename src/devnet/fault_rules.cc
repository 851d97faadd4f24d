#include "devnet/fault_rules.h"

#include <utility>

#include "ecloud/base/error.h"

namespace ecloud::devnet {
namespace {

constexpr std::pair<std::string_view, FaultAction> kActions[] = {
    {"status", FaultAction::kStatus},
    {"body", FaultAction::kBody},
    {"garbage", FaultAction::kGarbage},
    {"wrong-shape", FaultAction::kWrongShape},
    {"close", FaultAction::kClose},
    {"reset", FaultAction::kReset},
    {"cut", FaultAction::kCut},
    {"delay", FaultAction::kDelay},
    {"rpc-error", FaultAction::kRpcError},
    {"revert", FaultAction::kRevert},
    {"null", FaultAction::kNull},
    {"wrong-id", FaultAction::kWrongId},
    {"duplicate", FaultAction::kDuplicate},
};

FaultAction action_of(const std::string& word) {
  for (const auto& [name, action] : kActions) {
    if (name == word) return action;
  }
  throw Error(Category::kUsage, "devnet.fault", "unknown fault action " + word);
}

}  // namespace

FaultRule fault_rule_from_json(const base::Json& json) {
  FaultRule rule;
  rule.kind = json["kind"].as_string();
  rule.action = action_of(json["action"].as_string());
  rule.nth = static_cast<std::uint32_t>(json["nth"].opt_u64().value_or(1));
  rule.times = static_cast<std::uint32_t>(json["times"].opt_u64().value_or(1));
  const std::string when = json["when"].opt_string().value_or("before");
  if (when != "before" && when != "after") {
    throw Error(Category::kUsage, "devnet.fault", "when is before or after, not " + when);
  }
  rule.after_acting = when == "after";
  rule.status = static_cast<int>(json["status"].opt_u64().value_or(0));
  if (json["code"].exists()) rule.code = json["code"].as_i64();
  rule.body = json["body"].opt_string().value_or("");
  if (json["headers"].exists()) {
    for (const auto& [name, value] : json["headers"].members()) {
      rule.headers.emplace_back(name, value.as_string());
    }
  }
  rule.delay = std::chrono::milliseconds(json["delayMs"].opt_u64().value_or(0));
  return rule;
}

bool kind_matches(std::string_view pattern, std::string_view kind) {
  if (!kind.starts_with(pattern)) return false;
  if (pattern.empty() || kind.size() == pattern.size()) return true;
  const char next = kind[pattern.size()];
  return next == ':' || next == '/';
}

void FaultRules::add(FaultRule rule) {
  const std::lock_guard lock(mutex_);
  active_.push_back({std::move(rule), 0});
}

void FaultRules::clear() {
  const std::lock_guard lock(mutex_);
  active_.clear();
}

std::optional<FaultRule> FaultRules::take(std::string_view kind) {
  const std::lock_guard lock(mutex_);
  std::optional<FaultRule> struck;
  for (Active& active : active_) {
    const FaultRule& rule = active.rule;
    if (!kind_matches(rule.kind, kind)) continue;
    ++active.seen;
    const bool begun = active.seen >= rule.nth;
    const bool ended = rule.times != 0 && active.seen >= std::uint64_t{rule.nth} + rule.times;
    if (begun && !ended && !struck) struck = rule;
  }
  return struck;
}

}  // namespace ecloud::devnet
