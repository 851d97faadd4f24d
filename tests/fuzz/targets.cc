#include "fuzz/targets.h"

#include <algorithm>

namespace ecloud::fuzz {

const std::vector<Target>& targets() {
  static const std::vector<Target> all = [] {
    std::vector<Target> out;
    for (const auto part : {text_targets, chain_targets, image_targets, key_targets,
                            service_targets, state_targets, word_targets, evidence_targets}) {
      for (const Target& target : part()) out.push_back(target);
    }
    std::sort(out.begin(), out.end(),
              [](const Target& a, const Target& b) { return a.name < b.name; });
    return out;
  }();
  return all;
}

const Target* find_target(std::string_view name) {
  for (const Target& target : targets()) {
    if (target.name == name) return &target;
  }
  return nullptr;
}

}  // namespace ecloud::fuzz
