// libFuzzer's side: ECLOUD_FUZZ_TARGET names the target.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "fuzz/targets.h"

namespace {

const ecloud::fuzz::Target* chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("ECLOUD_FUZZ_TARGET");
  chosen = ecloud::fuzz::find_target(name == nullptr ? "" : name);
  if (chosen != nullptr) return 0;
  std::fputs("ECLOUD_FUZZ_TARGET names one of:", stderr);
  for (const auto& target : ecloud::fuzz::targets()) {
    std::fprintf(stderr, " %s", std::string(target.name).c_str());
  }
  std::fputs("\n", stderr);
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({data, size});
  return 0;
}
