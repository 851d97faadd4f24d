// Files that users write.
#include <string>

#include "cli/config_edit.h"
#include "cli/config_file.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/oci/reference.h"
#include "ecloud/platform/app_environment.h"
#include "ecloud/platform/caddyfile.h"
#include "ecloud/platform/dockerfile.h"
#include "ecloud/platform/dotenv.h"
#include "fuzz/targets.h"

namespace ecloud::fuzz {
namespace {

void run_dotenv(base::ByteView input) {
  accepts([&] {
    const platform::Dotenv dotenv = platform::parse_dotenv(base::as_chars(input), ".env");
    platform::FoundMnemonic mnemonic;
    const auto variables = platform::split_environment(dotenv, ".env", &mnemonic);
    platform::shell_unsafe_variables(variables);
    platform::encode_public_environment(variables, "g1-standard-4t");
  });
}

void run_config(base::ByteView input) {
  for (const auto which : {cli::ConfigFile::Which::kProject, cli::ConfigFile::Which::kUser}) {
    accepts([&] {
      const auto file = cli::ConfigFile::parse(base::as_chars(input), "ecloud.yaml", which);
      for (const auto& [key, value] : file.values()) {
        file.where(value);
        file.find_effective(key, "web", "sepolia");
      }
    });
  }
}

/// A file of somebody in which one key is set and taken away again.
void run_config_edit(base::ByteView input) {
  static const std::string kValue = "https://a.example";
  const std::string_view text = base::as_chars(input);
  for (const char* key : {"defaultEnvironment", "environments.a.rpcUrl"}) {
    accepts([&] {
      const std::string set = cli::set_config_value(text, "config.yaml", key, {kValue});
      const auto file = cli::ConfigFile::parse(set, "config.yaml", cli::ConfigFile::Which::kUser);
      require(file.text(key) == kValue, "what was set is there");
      const std::string unset = cli::unset_config_value(set, "config.yaml", key);
      const auto rest = cli::ConfigFile::parse(unset, "config.yaml", cli::ConfigFile::Which::kUser);
      require(!rest.text(key), "what was taken away is gone");
    });
  }
}

void run_reference(base::ByteView input) {
  accepts([&] {
    const auto reference = oci::Reference::parse(base::as_chars(input));
    // What is printed can be typed again.
    const auto again = oci::Reference::parse(reference.to_string());
    require(again.to_string() == reference.to_string(), "a reference survives printing");
    require(base::is_utf8(reference.to_string()), "a reference is text");
  });
}

void run_dockerfile(base::ByteView input) {
  const std::string_view text = base::as_chars(input);
  // An octet that neither file holds parts the Dockerfile from the .dockerignore.
  const std::size_t cut = text.find('\x01');
  accepts([&] {
    if (cut == std::string_view::npos) {
      platform::check_dockerfile(text);
    } else {
      platform::check_dockerfile(text.substr(0, cut), text.substr(cut + 1));
      platform::dockerignore_excludes(text.substr(cut + 1), "a/b/.env");
    }
  });
}

/// "LINE: MESSAGE", or nothing.
std::string caddyfile_verdict(const std::string& text, std::size_t lines_before = 0) {
  const auto problem = platform::find_caddyfile_problem(text);
  if (!problem) return "";
  return std::to_string(problem->line - lines_before) + ": " + problem->message;
}

void run_caddyfile(base::ByteView input) {
  const std::string text(base::as_chars(input));
  const std::string verdict = caddyfile_verdict(text);
  // A backslash at the end continues the line that follows.
  if (!text.ends_with('\\')) {
    require(caddyfile_verdict(text + "\n") == verdict, "a line feed at the end changes nothing");
    require(caddyfile_verdict(text + "\n# end\n") == verdict, "a comment at the end is nothing");
  }
  const bool has_mark = text.starts_with("\xEF\xBB\xBF");
  if (!has_mark && verdict.find("nothing in it") == std::string::npos) {
    require(caddyfile_verdict("# begin\n" + text, 1) == verdict,
            "a comment at the start is nothing");
  }
  if (verdict.empty()) {
    require(!caddyfile_verdict(text + "\n:1 {\n").empty(), "one { too many is a problem");
    const bool in_variable = text.rfind("{$") != std::string::npos &&
                             text.find('}', text.rfind("{$")) == std::string::npos;
    if (!in_variable) {
      require(!caddyfile_verdict(text + "\n}\n").empty(), "one } too many is a problem");
    }
  }
  // What takes more time than its size explains takes too long here.
  constexpr std::size_t kLong = std::size_t{32} << 10;
  std::string repeated = text;
  while (!text.empty() && repeated.size() < kLong) repeated += text;
  caddyfile_verdict(repeated);
}

void run_json(base::ByteView input) {
  accepts([&] {
    const auto document = base::Json::parse(base::as_chars(input), "input");
    const std::string text = document.dump();
    require(base::Json::parse(text, "again").dump() == text, "JSON survives writing");
  });
}

}  // namespace

std::vector<Target> text_targets() {
  return {{"caddyfile", run_caddyfile},   {"config", run_config}, {"config_edit", run_config_edit},
          {"dockerfile", run_dockerfile}, {"dotenv", run_dotenv}, {"json", run_json},
          {"reference", run_reference}};
}

}  // namespace ecloud::fuzz
