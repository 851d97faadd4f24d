// `ecloud explain`: the catalogue of errors is complete, and says what a user needs.

#include "cli/error_catalogue.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "cli/command_tree.h"
#include "cli/config_keys.h"
#include "cli/topics.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "unit/cli/cli_run.h"

using namespace ecloud;
using testing::CliRun;

namespace {

namespace fs = std::filesystem;

/// The sources of the program, without the devnet and without the catalogue itself.
std::vector<std::pair<std::string, std::string>> program_sources() {
  std::vector<std::pair<std::string, std::string>> out;
  const fs::path root = ECLOUD_SOURCE_DIR;
  for (const char* folder : {"src", "include/ecloud"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string path = entry.path().lexically_relative(root).string();
      const std::string extension = entry.path().extension();
      const bool other =
          path.starts_with("src/devnet/") || path.find("/error_catalogue") != std::string::npos;
      if (other || (extension != ".cc" && extension != ".h")) continue;
      out.emplace_back(path, testing::slurp(entry.path()));
    }
  }
  return out;
}

/// Codes with the categories that stand right before them: Error(Category::kUsage, "cli.syntax".
/// A category that is a variable adds none.
std::map<std::string, std::set<int>> direct_codes(
    const std::vector<std::pair<std::string, std::string>>& sources) {
  static const std::regex kDirect(
      "(Category::k[A-Za-z]+|[cC]ategory_?)\\s*,\\s*\"([a-z]+(?:\\.[a-z_0-9]+)?)\"");
  static const std::map<std::string, Category> kNames = {{"kFailure", Category::kFailure},
                                                         {"kUsage", Category::kUsage},
                                                         {"kImage", Category::kImage},
                                                         {"kTransaction", Category::kTransaction},
                                                         {"kCredentials", Category::kCredentials},
                                                         {"kNotFound", Category::kNotFound},
                                                         {"kNetwork", Category::kNetwork},
                                                         {"kPending", Category::kPending},
                                                         {"kVerification", Category::kVerification},
                                                         {"kBug", Category::kBug},
                                                         {"kInterrupted", Category::kInterrupted}};
  std::map<std::string, std::set<int>> out;
  for (const auto& [path, text] : sources) {
    for (std::sregex_iterator match(text.begin(), text.end(), kDirect), end; match != end;
         ++match) {
      const std::string category = (*match)[1];
      auto& exits = out[(*match)[2]];
      const std::size_t colon = category.find("::");
      if (colon == std::string::npos) continue;
      exits.insert(exit_code(kNames.at(category.substr(colon + 2))));
    }
  }
  return out;
}

/// Dotted names in the sources that mean something else.
std::set<std::string> other_dotted_names() {
  std::set<std::string> out;
  for (const cli::ConfigKey& key : cli::config_keys()) out.emplace(key.key);
  const cli::Command root = cli::make_command_tree();
  cli::for_each_command(root, [&](const cli::CommandPath& path) {
    for (const cli::JsonField& field : path.command->json_fields) out.insert(field.name);
  });
  return out;
}

/// Every code that a source can throw: those beside a category, and everything else in quotes that
/// is spelled like them, because helper functions take codes too.
std::map<std::string, std::set<int>> thrown_codes() {
  const auto sources = program_sources();
  std::map<std::string, std::set<int>> codes = direct_codes(sources);
  std::set<std::string> families;
  for (const auto& [code, exits] : codes) {
    if (const auto dot = code.find('.'); dot != std::string::npos)
      families.insert(code.substr(0, dot));
  }
  const std::set<std::string> others = other_dotted_names();
  static const std::set<std::string> kFileEndings = {"h",  "cc", "json", "yaml", "yml",
                                                     "md", "io", "log",  "lock", "com"};
  static const std::regex kQuoted("\"([a-z]+)\\.([a-z_0-9]+)\"");
  for (const auto& [path, text] : sources) {
    for (std::sregex_iterator match(text.begin(), text.end(), kQuoted), end; match != end;
         ++match) {
      const std::string code = (*match)[1].str() + "." + (*match)[2].str();
      if (!families.contains((*match)[1]) || kFileEndings.contains((*match)[2])) continue;
      // "auth.keyring_" is the beginning of several.
      if (!others.contains(code) && code.back() != '_') codes[code];
    }
  }
  return codes;
}

bool is_sentence(std::string_view text) {
  return text.size() > 10 && text.back() == '.' && text.find('!') == std::string_view::npos &&
         text.find('\n') == std::string_view::npos &&
         ((text[0] >= 'A' && text[0] <= 'Z') || text[0] == '`' || text[0] == '-' ||
          text.starts_with("docker-") || text.starts_with("kms") || text.starts_with("libcurl") ||
          text.starts_with("ecloud") || text.starts_with("config.yaml"));
}

}  // namespace

TEST_CASE("every error code of the sources is explained, and no other", "[cli][explain]") {
  const auto thrown = thrown_codes();
  CHECK(thrown.size() > 100);
  std::set<std::string> explained;
  for (const cli::ErrorEntry& entry : cli::error_catalogue()) explained.emplace(entry.code);
  std::vector<std::string> missing, unused;
  for (const auto& [code, exits] : thrown) {
    if (!explained.contains(code)) missing.push_back(code);
  }
  for (const std::string& code : explained) {
    if (!thrown.contains(code)) unused.push_back(code);
  }
  INFO("write them into src/cli/error_catalogue_*.cc, or remove them there");
  CHECK(missing == std::vector<std::string>{});
  CHECK(unused == std::vector<std::string>{});
}

TEST_CASE("the exit codes of the catalogue are those that the sources throw", "[cli][explain]") {
  for (const auto& [code, exits] : thrown_codes()) {
    const cli::ErrorEntry* entry = cli::find_error_entry(code);
    if (entry == nullptr) continue;
    std::set<int> explained;
    for (const Category category : entry->categories) explained.insert(exit_code(category));
    INFO(code);
    CHECK(!explained.empty());
    for (const int exit : exits) {
      INFO("exit code " << exit);
      CHECK(explained.contains(exit));
    }
  }
}

TEST_CASE("every explanation is made of sentences", "[cli][explain]") {
  std::set<std::string_view> seen;
  for (const cli::ErrorEntry& entry : cli::error_catalogue()) {
    INFO(entry.code);
    CHECK(seen.insert(entry.code).second);
    for (const std::string_view text : {entry.what, entry.cause, entry.todo}) {
      INFO(text);
      CHECK(is_sentence(text));
    }
    CHECK(entry.what.size() <= 120);
  }
}

TEST_CASE("explain tells about an error code", "[cli][explain]") {
  CliRun run;
  CHECK(run({"explain", "deploy.quota"}) == 0);
  CHECK(run.err().empty());
  CHECK(run.out() ==
        "deploy.quota\n"
        "  The account has as many apps as its quota allows.\n"
        "\n"
        "WHAT IT USUALLY MEANS\n"
        "  The quota counts running and stopped apps; only terminated and suspended ones\n"
        "  do not count, so stopping an app frees nothing. Nothing was sent.\n"
        "\n"
        "WHAT TO DO\n"
        "  Terminate one: `ecloud compute app list` shows them. Or deploy an app that\n"
        "  pays for itself: `ecloud compute app deploy --bill-to app`.\n"
        "\n"
        "EXIT CODE\n"
        "  4\n");
  const std::string page = run.out();
  // As --verbose shows it, and in another case.
  CHECK(run({"explain", "[deploy.quota]"}) == 0);
  CHECK(run.out() == page);
  CHECK(run({"explain", "Deploy.Quota"}) == 0);
  CHECK(run.out() == page);
  CHECK(run({"explain", "deploy.quota", "--json"}) == 0);
  CHECK(
      run.out() ==
      "{\"explanations\":[{\"name\":\"deploy.quota\",\"kind\":\"error\",\"exitCodes\":[4],"
      "\"what\":\"The account has as many apps as its quota allows.\",\"cause\":\"The quota counts "
      "running and stopped apps; only terminated and suspended ones do not count, so stopping an "
      "app frees nothing. Nothing was sent.\",\"todo\":\"Terminate one: `ecloud compute app list` "
      "shows them. Or deploy an app that pays for itself: `ecloud compute app deploy --bill-to "
      "app`.\",\"selector\":null}]}\n");
}

TEST_CASE("explain tells about exit codes", "[cli][explain]") {
  CliRun run;
  CHECK(run({"explain", "8"}) == 0);
  CHECK(run.out().starts_with("exit code 8\n  Still going on when the time ran out;"));
  CHECK(run.out().find("deploy.not_mined") != std::string::npos);
  CHECK(run({"explain", "0", "--fields", "what"}) == 0);
  CHECK(run.out() == "Done.\n");
  CHECK(run({"explain", "141"}) == 0);
  CHECK(run({"explain", "77"}) == 2);
}

TEST_CASE("explain tells about errors of the contracts", "[cli][explain]") {
  // The selectors are those of the deployed contracts: cast sig "InvalidAppStatus()".
  CliRun run;
  const std::string expected =
      "InvalidAppStatus (0x609749e2)\n"
      "  The contract refused the transaction: the app's status on chain does not allow\n"
      "  it.\n";
  for (const std::string word :
       {"InvalidAppStatus", "invalidappstatus", "InvalidAppStatus()", "0x609749e2"}) {
    CHECK(run({"explain", word}) == 0);
    CHECK(run.out().starts_with(expected));
  }
  // The whole data of Solidity's Error(string): viem encodeErrorResult of Error("paused").
  const std::string data =
      "0x08c379a0"
      "0000000000000000000000000000000000000000000000000000000000000020"
      "0000000000000000000000000000000000000000000000000000000000000006"
      "7061757365640000000000000000000000000000000000000000000000000000";
  CHECK(run({"explain", data, "--fields", "name,what"}) == 0);
  CHECK(run.out() == "Error\tThe contract refused the transaction: paused.\n");
  CHECK(run({"explain", "0x12345678"}) == 0);
  CHECK(run.out().find("does not know") != std::string::npos);
}

TEST_CASE("explain lists a family, and all", "[cli][explain]") {
  CliRun run;
  CHECK(run({"explain", "chain", "--fields", "name"}) == 0);
  for (const std::string& line : base::split(base::trim(run.out()), '\n')) {
    CHECK(line.starts_with("chain."));
  }
  CHECK(run.out().find("chain.reverted\n") != std::string::npos);
  CHECK(run({"explain"}) == 0);
  CHECK(run.out().find("deploy.quota\t4\tThe account has as many apps as its quota allows.\n") !=
        std::string::npos);
  CHECK(run.out().find("\n130\t130\tInterrupted") != std::string::npos);
  CHECK(run.out().find("\nMaxActiveAppsExceeded\t4\t") != std::string::npos);
  CHECK(run({"explain", "--json"}) == 0);
  CHECK(base::Json::parse(run.out(), "explain")["explanations"].size() > 130);
}

TEST_CASE("an unknown word gets a suggestion", "[cli][explain]") {
  CliRun run;
  CHECK(run({"explain", "deploy.qouta"}) == 2);
  CHECK(run.out().empty());
  CHECK(run.err() ==
        "error: there is no error code, exit code or contract error \"deploy.qouta\"\n"
        "hint: did you mean deploy.quota?\n"
        "hint: `ecloud explain` lists all of them\n");
  CHECK(run({"explain", "zzzzzzzzzzz"}) == 2);
  CHECK(run.err().find("did you mean") == std::string::npos);
}

TEST_CASE("an error says where it is explained when it says no more itself", "[cli][explain]") {
  CliRun run;
  // With --verbose always.
  CHECK(run({"auth", "whoami", "--verbose"}) == 5);
  CHECK(run.err().ends_with("hint: more: ecloud explain auth.no_key\n"));
  CHECK(run({"auth", "whoami"}) == 5);
  CHECK(run.err().find("explain") == std::string::npos);
}
