#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/temp_dir.h"

// The rules of the house that hold for the sources as text: src/README.md says why.

namespace {

namespace fs = std::filesystem;

const std::map<std::string, int> kRanks = {
    {"base", 0}, {"crypto", 1},   {"eth", 2},    {"attest", 3}, {"net", 4},   {"chain", 5},
    {"oci", 6},  {"platform", 7}, {"deploy", 8}, {"cli", 9},    {"devnet", 8}};

struct SourceFile {
  std::string path;    // relative to the repository
  std::string module;  // "crypto"
  bool header = false;
  std::vector<std::string> includes;
};

std::vector<std::string> includes_of(const std::string& text) {
  static const std::regex kInclude("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]");
  std::vector<std::string> out;
  for (const std::string& line : ecloud::base::split(text, '\n')) {
    std::smatch match;
    if (std::regex_search(line, match, kInclude)) out.push_back(match[1]);
  }
  return out;
}

const std::vector<SourceFile>& sources() {
  static const std::vector<SourceFile> all = [] {
    std::vector<SourceFile> out;
    const fs::path root = ECLOUD_SOURCE_DIR;
    for (const char* folder : {"src", "include/ecloud"}) {
      for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
        const std::string extension = entry.path().extension();
        if (extension != ".cc" && extension != ".h") continue;
        const fs::path below = entry.path().lexically_relative(root / folder);
        out.push_back({entry.path().lexically_relative(root).string(), below.begin()->string(),
                       extension == ".h", includes_of(ecloud::testing::slurp(entry.path()))});
      }
    }
    return out;
  }();
  return all;
}

/// The module that an include leads to; empty for other people's headers.
std::string module_of_include(std::string include) {
  if (include.starts_with("ecloud/")) include.erase(0, 7);
  const std::string first = include.substr(0, include.find('/'));
  return include.find('/') != std::string::npos && kRanks.contains(first) ? first : std::string();
}

std::set<std::string> files_that_include(const std::string& header_prefix, bool headers_only) {
  std::set<std::string> out;
  for (const SourceFile& file : sources()) {
    if (headers_only && !file.header) continue;
    for (const std::string& include : file.includes) {
      if (include.starts_with(header_prefix)) out.insert(file.path);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("A module includes only itself and modules of lower rank", "[rules]") {
  std::vector<std::string> offences;
  for (const SourceFile& file : sources()) {
    for (const std::string& include : file.includes) {
      const std::string to = module_of_include(include);
      if (to.empty() || to == file.module) continue;
      if (kRanks.at(to) >= kRanks.at(file.module)) offences.push_back(file.path + ": " + include);
    }
  }
  CHECK(offences == std::vector<std::string>{});
}

TEST_CASE("Private headers stay in their module", "[rules]") {
  std::vector<std::string> offences;
  for (const SourceFile& file : sources()) {
    for (const std::string& include : file.includes) {
      const std::string to = module_of_include(include);
      const bool is_private = !include.starts_with("ecloud/");
      if (!to.empty() && is_private && to != file.module) offences.push_back(file.path);
    }
  }
  CHECK(offences == std::vector<std::string>{});
}

TEST_CASE("Nobody includes the devnet but itself", "[rules]") {
  std::vector<std::string> offences;
  for (const SourceFile& file : sources()) {
    for (const std::string& include : file.includes) {
      if (module_of_include(include) == "devnet" && file.module != "devnet") {
        offences.push_back(file.path);
      }
    }
  }
  CHECK(offences == std::vector<std::string>{});
}

TEST_CASE("CLI11 is included by exactly one source, nlohmann by no header", "[rules]") {
  CHECK(files_that_include("CLI/", false) == std::set<std::string>{"src/cli/parser.cc"});
  CHECK(files_that_include("nlohmann/", true) == std::set<std::string>{});
  CHECK(files_that_include("nlohmann/", false) == std::set<std::string>{"src/base/json.cc"});
}

TEST_CASE("Public headers name no third-party header", "[rules]") {
  static const std::set<std::string> kForeign = {"curl",      "openssl",     "nlohmann",
                                                 "fmt",       "yaml-cpp",    "CLI",
                                                 "httplib.h", "secp256k1.h", "secp256k1_recovery.h",
                                                 "zlib.h",    "zstd.h"};
  std::vector<std::string> offences;
  for (const SourceFile& file : sources()) {
    if (!file.path.starts_with("include/")) continue;
    for (const std::string& include : file.includes) {
      if (kForeign.contains(include.substr(0, include.find('/')))) offences.push_back(file.path);
    }
  }
  CHECK(offences == std::vector<std::string>{});
}

TEST_CASE("No source is longer than 500 lines", "[rules]") {
  std::vector<std::string> offences;
  for (const SourceFile& file : sources()) {
    // The word list of BIP-39 is data.
    if (file.path == "src/crypto/bip39_english.cc") continue;
    const std::string text = ecloud::testing::slurp(fs::path(ECLOUD_SOURCE_DIR) / file.path);
    if (std::count(text.begin(), text.end(), '\n') > 500) offences.push_back(file.path);
  }
  CHECK(offences == std::vector<std::string>{});
}

TEST_CASE("Every test that README names is there", "[rules]") {
  const fs::path root = ECLOUD_SOURCE_DIR;
  const std::string readme = ecloud::testing::slurp(root / "README.md");
  static const std::regex kNamed("`(tests/[a-z0-9_/]+\\.cc)`: \"([^\"]+)\"");
  // Long names stand in several literals.
  static const std::regex kSeam("\"\\s*\n\\s*\"");
  std::vector<std::string> missing;
  int named = 0;
  for (std::sregex_iterator at(readme.begin(), readme.end(), kNamed), end; at != end; ++at) {
    ++named;
    const std::string file = (*at)[1], name = (*at)[2];
    const std::string source =
        fs::exists(root / file) ? ecloud::testing::slurp(root / file) : std::string();
    if (std::regex_replace(source, kSeam, "").find("TEST_CASE(\"" + name) == std::string::npos) {
      missing.push_back(file + ": " + name);
    }
  }
  CHECK(missing == std::vector<std::string>{});
  CHECK(named > 20);
}
