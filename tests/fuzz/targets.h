#pragma once

#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"

namespace ecloud::fuzz {

/// What somebody else hands us, in any form. `run` reads it as the program would and returns; an
/// Error that blames us (kBug), another exception, or anything that a sanitizer sees is a finding.
struct Target {
  std::string_view name;  ///< also of its folder in corpus/
  void (*run)(base::ByteView input);
};

/// All of them, by name.
const std::vector<Target>& targets();
/// Null when there is none of that name.
const Target* find_target(std::string_view name);

// The parts, one source each.
std::vector<Target> text_targets();      ///< files that users write
std::vector<Target> chain_targets();     ///< nodes and transactions
std::vector<Target> image_targets();     ///< registries and archives
std::vector<Target> key_targets();       ///< keys, secrets, what others sign
std::vector<Target> service_targets();   ///< answers of the platform's services and of registries
std::vector<Target> state_targets();     ///< what lies on disk between two runs
std::vector<Target> word_targets();      ///< URLs, times, amounts, logs
std::vector<Target> evidence_targets();  ///< quotes, tokens and what belongs to them

/// Runs `action` and swallows the errors that bad input may cause. Returns whether there was none.
template <typename Action>
bool accepts(Action action);

}  // namespace ecloud::fuzz

#include <cstdio>
#include <cstdlib>

#include "ecloud/base/error.h"

namespace ecloud::fuzz {

template <typename Action>
bool accepts(Action action) {
  try {
    action();
    return true;
  } catch (const Error& error) {
    if (error.category() != Category::kBug) return false;
    std::fprintf(stderr, "bug: %s: %s\n", error.code().c_str(), error.message().c_str());
    std::abort();
  }
}

/// Ends the process when what must hold does not: a finding.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace ecloud::fuzz
