#include "deploy/change_events.h"

#include <algorithm>

#include "ecloud/base/error.h"

namespace ecloud::deploy {
namespace {

std::vector<base::Bytes32> topics_of(Operation operation) {
  switch (operation) {
    case Operation::kUpgrade:
      return {platform::topic_app_upgraded(platform::Generation::kThreeFields),
              platform::topic_app_upgraded(platform::Generation::kFourFields)};
    case Operation::kStart:
      return {platform::topic_app_started()};
    case Operation::kStop:
      return {platform::topic_app_stopped()};
    case Operation::kTerminate:
      return {platform::topic_app_terminated()};
    default:
      fail_bug("an operation without an event of the app");
  }
}

/// An indexed address is a word with twelve zeros before it.
bool names(const base::Bytes32& topic, const eth::Address& app) {
  return std::equal(topic.begin() + 12, topic.end(), app.bytes().begin());
}

}  // namespace

Check expected_event(const Services& services) {
  return [&services](JournalEntry& entry, const chain::Receipt& receipt) {
    const std::vector<base::Bytes32> wanted = topics_of(entry.operation);
    for (const chain::LogEntry& log : receipt.logs) {
      const bool ours =
          log.address == services.environment.app_controller && log.topics.size() >= 2;
      if (!ours || !names(log.topics[1], entry.app)) continue;
      if (std::find(wanted.begin(), wanted.end(), log.topics[0]) != wanted.end()) return;
    }
    set_step(services, entry, Step::kAbandoned);
    throw Error(Category::kTransaction, "deploy.no_effect",
                "transaction " + hash_of(entry) + " succeeded but did not " +
                    std::string(to_string(entry.operation)) + " app " + entry.app.to_string(),
                "check the environment (ecloud compute environment show), then run the command "
                "again");
  };
}

}  // namespace ecloud::deploy
