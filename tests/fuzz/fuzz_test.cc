// A short run of every fuzz target in the ordinary build: its corpus, and inputs made from it.
#include <algorithm>
#include <filesystem>
#include <random>

#include "fuzz/targets.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace ecloud::fuzz {
namespace {

constexpr int kMadeInputs = 400;
constexpr std::size_t kLargestInput = 4'096;

std::vector<std::string> corpus_of(const Target& target) {
  const auto folder =
      std::filesystem::path(ECLOUD_SOURCE_DIR) / "tests/fuzz/corpus" / std::string(target.name);
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator(folder)) files.push_back(file.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> out;
  for (const auto& file : files) out.push_back(testing::slurp(file));
  return out;
}

/// One of the corpus with a few octets changed, taken out, doubled, or put in from another one.
std::string made_from(const std::vector<std::string>& corpus, std::mt19937& random) {
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0,
                                                      std::max<std::size_t>(bound, 1) - 1)(random);
  };
  std::string out = corpus[below(corpus.size())];
  for (std::size_t changes = 1 + below(6); changes > 0; --changes) {
    const std::size_t at = below(out.size() + 1);
    const std::string& other = corpus[below(corpus.size())];
    switch (below(5)) {
      case 0:
        if (at < out.size()) out[at] = static_cast<char>(below(256));
        break;
      case 1:
        out.erase(at, below(16));
        break;
      case 2:
        out.insert(at, out.substr(at, below(32)));
        break;
      case 3:
        out.insert(at, other.substr(below(other.size() + 1), below(32)));
        break;
      default:
        out.resize(at);
    }
  }
  out.resize(std::min(out.size(), kLargestInput));
  return out;
}

}  // namespace

TEST_CASE("No input from outside brings the program down", "[fuzz]") {
  for (const Target& target : targets()) {
    DYNAMIC_SECTION(target.name) {
      const auto corpus = corpus_of(target);
      REQUIRE(!corpus.empty());
      for (const std::string& input : corpus) target.run(base::as_bytes(input));
      std::mt19937 random(7);
      for (int i = 0; i < kMadeInputs; ++i) {
        target.run(base::as_bytes(made_from(corpus, random)));
      }
      CHECK(true);  // reached: whatever is wrong ends the process
    }
  }
}

}  // namespace ecloud::fuzz
