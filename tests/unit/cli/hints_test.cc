// A hint must not name a command that does not exist.

#include <algorithm>
#include <filesystem>
#include <regex>

#include "cli/command_tree.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/temp_dir.h"

using namespace ecloud;

namespace {

/// Top-level names that a text after "ecloud " may mean as a command.
bool looks_like_command(const std::string& word) {
  static const std::vector<std::string> kNouns = {
      "auth",   "billing", "build",   "completion", "compute",   "config",
      "devnet", "doctor",  "env",     "explain",    "help",      "image",
      "resume", "tools",   "upgrade", "version",    "telemetry", "undelegate"};
  return std::find(kNouns.begin(), kNouns.end(), word) != kNouns.end();
}

/// What is wrong with the command that `words` begin with; empty when it exists.
std::string problem(const cli::Command& root, const std::vector<std::string>& words) {
  const cli::Command* here = &root;
  for (const std::string& word : words) {
    if (!here->is_group()) return {};
    const cli::Command* next = here->find(word);
    if (next == nullptr) return "there is no " + base::join(words, " ");
    here = next;
  }
  return here->is_group() ? base::join(words, " ") + " is a group" : std::string();
}

}  // namespace

TEST_CASE("every command that a text of the program names exists", "[cli][hints]") {
  const cli::Command root = cli::make_command_tree();
  static const std::regex kMention("ecloud ([a-z]+)((?: [a-z]+(?:-[a-z]+)*)*)");
  std::size_t mentions = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           std::filesystem::path(ECLOUD_SOURCE_DIR) / "src")) {
    if (entry.path().extension() != ".cc") continue;
    // The devnet labels its keys and accounts "ecloud devnet …"; it gives no hints.
    if (entry.path().string().find("/src/devnet/") != std::string::npos) continue;
    // Adjacent literals are one text.
    const std::string text =
        std::regex_replace(testing::slurp(entry.path()), std::regex("\"\\s*\\n\\s*\""), "");
    for (std::sregex_iterator match(text.begin(), text.end(), kMention), end; match != end;
         ++match) {
      if (!looks_like_command((*match)[1])) continue;
      const std::string rest = (*match)[2];
      std::vector<std::string> words = {(*match)[1]};
      if (!rest.empty()) {
        for (const std::string& word : base::split(rest.substr(1), ' ')) words.push_back(word);
      }
      ++mentions;
      INFO(entry.path().string());
      CHECK(problem(root, words) == "");
    }
  }
  CHECK(mentions > 20);
}
