// What the nodes of the chain say of the app's release, each for itself.
#include <algorithm>

#include "deploy/verify_links.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/chain/chain.h"

namespace ecloud::deploy {
namespace {

using attest::Evidence;
using platform::Generation;

/// What a node's answer comes to: a release, or why it shows none.
struct Reading {
  std::optional<platform::Release> release;
  std::string problem;
};

bool is_upgrade(const chain::LogEntry& log) {
  return !log.topics.empty() &&
         (log.topics[0] == platform::topic_app_upgraded(Generation::kFourFields) ||
          log.topics[0] == platform::topic_app_upgraded(Generation::kThreeFields));
}

/// Why a log cannot be the event that was asked for; empty when it can.
std::string log_problem(const base::Json& raw, const chain::LogEntry& log, const NodeEvidence& node,
                        const VerifyState& state) {
  const eth::Address& controller = state.policy.environment.app_controller;
  if (log.address != controller) {
    return "the event is of the contract " + log.address.to_string() + ", not of the controller " +
           controller.to_string();
  }
  const base::Bytes32 app = platform::topic_of_address(state.material.app);
  if (log.topics.size() < 2 || log.topics[1] != app) return "the event is of another app";
  if (chain::read_u64(raw["blockNumber"]) != node.asked_block) {
    return "the event is of block " + std::to_string(chain::read_u64(raw["blockNumber"])) +
           ", and the controller names block " + std::to_string(node.asked_block);
  }
  if (raw["removed"].is_bool() && raw["removed"].as_bool()) {
    return "the node has taken the event back: its block is no more";
  }
  return {};
}

Reading read_node(const NodeEvidence& node, const VerifyState& state) {
  Reading out;
  try {
    const base::Json logs = base::Json::parse(node.logs, node.origin);
    const std::vector<chain::LogEntry> entries = chain::read_logs(logs);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (!is_upgrade(entries[i])) continue;
      out.problem = log_problem(logs.at(i), entries[i], node, state);
      if (!out.problem.empty()) return out;
    }
    out.release = platform::find_app_upgraded(entries, state.policy.environment.app_controller,
                                              state.material.app);
    if (!out.release) {
      out.problem = "block " + std::to_string(node.asked_block) + " has no AppUpgraded event of it";
    } else if (out.release->artifacts.size() != 1) {
      out.problem = "the release names " + std::to_string(out.release->artifacts.size()) +
                    " images instead of one";
      out.release.reset();
    }
  } catch (const Error& error) {
    out.problem = error.message();
  }
  return out;
}

bool same(const platform::Release& a, const platform::Release& b) {
  return a.artifacts.front().digest == b.artifacts.front().digest &&
         a.artifacts.front().registry == b.artifacts.front().registry &&
         a.upgrade_by_time == b.upgrade_by_time && a.public_env == b.public_env &&
         a.encrypted_env == b.encrypted_env && a.policy == b.policy;
}

std::string image_of(const platform::Release& release) {
  return base::printable_line(release.artifacts.front().registry) +
         "@sha256:" + base::to_hex(release.artifacts.front().digest);
}

/// Where two releases differ that are not the same.
std::string difference(const platform::Release& a, const platform::Release& b) {
  if (image_of(a) != image_of(b)) return {};
  if (a.policy != b.policy) return ", with another container policy";
  return a.upgrade_by_time != b.upgrade_by_time ? ", with another time to upgrade by"
                                                : ", with other variables";
}

/// "cmd_override [\"/bin/sh\"], env_override {\"A\":\"b\"}": what the policy sets.
std::string policy_text(const platform::ContainerPolicy& policy) {
  std::vector<std::string> out;
  const auto list = [&](const char* name, const std::vector<std::string>& values) {
    if (!values.empty()) out.push_back(name + (" " + base::Json::strings(values).dump()));
  };
  const auto pairs = [&](const char* name, const platform::ContainerPolicy::Pairs& values) {
    std::vector<std::string> lines;
    for (const auto& [key, value] : values) lines.push_back(key + "=" + value);
    list(name, lines);
  };
  list("args", policy.args);
  list("cmd_override", policy.cmd_override);
  pairs("env", policy.env);
  pairs("env_override", policy.env_override);
  if (!policy.restart_policy.empty()) out.push_back("restart_policy " + policy.restart_policy);
  return base::join(out, ", ");
}

/// A policy may have the container run something else than its image says.
void check_policy(Evidence& evidence, const platform::Release& release) {
  if (release.policy.is_empty()) {
    return evidence.compared("container-policy", true,
                             "the release has none: what runs is what its image says",
                             {"release-event"});
  }
  evidence.not_checked("container-policy",
                       "the release has one, which nothing here judges, and with which other "
                       "things may run than the image says: " +
                           policy_text(release.policy));
}

void check_contract(Evidence& evidence, const VerifyState& state) {
  const platform::Environment& ours = state.policy.environment;
  const VerifyMaterial& material = state.material;
  const bool holds =
      material.chain_id == ours.chain_id &&
      base::equal_ignoring_case(material.app_controller, ours.app_controller.to_string());
  evidence.compared("controller", holds,
                    holds ? material.app_controller + " on chain " + std::to_string(ours.chain_id)
                          : "the evidence is of " + material.app_controller + " on chain " +
                                std::to_string(material.chain_id) + ", and environment " +
                                ours.name + " has " + ours.app_controller.to_string() +
                                " on chain " + std::to_string(ours.chain_id),
                    {});
}

/// Those that answered.
std::vector<const NodeEvidence*> heard(const VerifyMaterial& material) {
  std::vector<const NodeEvidence*> out;
  for (const NodeEvidence& node : material.nodes) {
    if (!node.absence) out.push_back(&node);
  }
  return out;
}

/// Several nodes that agree are worth more than one that is asked several times.
void check_nodes(Evidence& evidence, const VerifyMaterial& material,
                 const std::vector<const NodeEvidence*>& nodes, bool agree) {
  std::vector<std::string> origins, silent;
  for (const NodeEvidence* node : nodes) origins.push_back(node->origin);
  for (const NodeEvidence& node : material.nodes) {
    if (!node.absence) continue;
    if (node.absence->contradicts) return evidence.failed("nodes", node.absence->reason);
    silent.push_back(node.absence->reason);
  }
  if (nodes.empty() && silent.empty()) return evidence.not_checked("nodes", "no node was asked");
  const std::string list = base::join(origins, ", ");
  if (!agree) return evidence.failed("nodes", "they do not say the same: " + list);
  if (!silent.empty()) {
    return evidence.not_checked(
        "nodes", (nodes.empty() ? "" : list + " answered; ") + base::join(silent, "; "));
  }
  evidence.verified("nodes", nodes.size() == 1
                                 ? "as far as " + list +
                                       " is to be believed: it alone was asked; a second "
                                       "--rpc-url would be compared with it"
                                 : std::to_string(nodes.size()) + " say the same, each asked " +
                                       "alone: " + list);
}

void check_block(Evidence& evidence, VerifyState& state,
                 const std::vector<const NodeEvidence*>& nodes) {
  const NodeEvidence& first = *nodes.front();
  state.release_block = first.asked_block;
  if (first.asked_block == 0) {
    return evidence.not_checked("release-block", "the app has no release yet");
  }
  std::string text = "the controller names block " + std::to_string(first.asked_block);
  if (first.latest_release_block == 0) {
    text += ", which the platform has not confirmed yet";
  } else if (first.pending_release_block > 0) {
    text += "; an upgrade of block " + std::to_string(first.pending_release_block) +
            " waits to be confirmed and is not looked at here";
  }
  evidence.verified("release-block", text);
}

/// Whether all say the same of block and release; takes the release when they do.
bool compare_nodes(VerifyState& state, const std::vector<const NodeEvidence*>& nodes,
                   std::string& problem) {
  for (const NodeEvidence* node : nodes) {
    if (!base::equal_ignoring_case(node->creator, nodes.front()->creator)) {
      problem = node->origin + " says that the app is of " + node->creator + ", and " +
                nodes.front()->origin + " of " + nodes.front()->creator;
      return false;
    }
    if (node->asked_block != nodes.front()->asked_block) {
      problem = node->origin + " names block " + std::to_string(node->asked_block) + ", and " +
                nodes.front()->origin + " block " + std::to_string(nodes.front()->asked_block);
      return false;
    }
  }
  if (nodes.front()->asked_block == 0) return true;
  for (const NodeEvidence* node : nodes) {
    Reading reading = read_node(*node, state);
    if (!reading.release) {
      problem = node->origin + ": " + reading.problem;
      state.release.reset();
      return nodes.size() == 1;
    }
    if (state.release && !same(*state.release, *reading.release)) {
      problem = node->origin + " has the release " + image_of(*reading.release) + ", and " +
                nodes.front()->origin + " " + image_of(*state.release) +
                difference(*reading.release, *state.release);
      state.release.reset();
      return false;
    }
    state.release = std::move(reading.release);
  }
  return true;
}

void take_release(VerifyState& state) {
  const platform::Artifact& artifact = state.release->artifacts.front();
  state.digest.emplace(artifact.digest);
  state.image_name = base::printable_line(artifact.registry);
}

}  // namespace

std::vector<attest::Finding> judge_release(VerifyState& state) {
  Evidence evidence;
  check_contract(evidence, state);
  const std::vector<const NodeEvidence*> nodes = heard(state.material);
  std::string problem;
  const bool agree = nodes.empty() || compare_nodes(state, nodes, problem);
  check_nodes(evidence, state.material, nodes, agree);
  if (nodes.empty()) {
    evidence.not_checked("release-block", "no node answered");
    evidence.not_checked("release-event", "no node answered");
    evidence.not_checked("container-policy", "no node answered");
    return evidence.take();
  }
  check_block(evidence, state, nodes);
  if (!problem.empty()) {
    evidence.failed("release-event", problem);
  } else if (!state.release) {
    evidence.not_checked("release-event", "the app has no release yet");
  } else {
    take_release(state);
    evidence.compared("release-event", true, image_of(*state.release), {"controller"});
    check_policy(evidence, *state.release);
  }
  if (!state.release) {
    evidence.not_checked("container-policy", evidence.missing({"release-event"}));
  }
  std::vector<attest::Finding> out = evidence.take();
  if (state.material.from_bundle) {
    const std::string why = "that is what the maker of the bundle saw at " +
                            base::format_rfc3339(state.material.taken_at) +
                            "; ask the chain itself, without --offline";
    for (const char* name : {"nodes", "release-block", "release-event", "container-policy"}) {
      demote(out, name, why);
    }
  }
  return out;
}

}  // namespace ecloud::deploy
