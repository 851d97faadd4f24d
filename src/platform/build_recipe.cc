// The recipe names each tool image in commands, and may name others in comments, messages and
// quoted text, some of which the submitter of a build can influence. So the text is read as a shell
// reads it (shell_text.h), and whatever is not certain is refused: a client that is pinned by
// mistake gets the variables of every app.
#include "ecloud/platform/build_recipe.h"

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>
#include <vector>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/net/transport.h"
#include "ecloud/oci/reference.h"
#include "platform/provenance_statement.h"
#include "platform/shell_text.h"

namespace ecloud::platform {
namespace {

constexpr char kToolsRepository[] = "docker.io/eigenlayer/eigencloud-containers";
constexpr std::size_t kMaxSteps = 100;
constexpr std::string_view kProgramFolder = ":/eigen/bin/";
const std::set<std::string> kPrograms = {"kms-client", "tls-client", "tls-keygen"};

Error bad_recipe(const std::string& why) {
  return Error(Category::kVerification, "build.bad_recipe",
               "the build's recipe cannot be used: " + why,
               "try another build: ecloud image tools --from BUILD");
}

/// The shell text of the only step with that id.
std::string step_text(const base::Json& statement, std::string_view id) {
  const base::Json steps = statement["predicate"]["recipe"]["arguments"]["steps"];
  if (!steps.is_array()) throw bad_recipe("it has no steps");
  if (steps.size() > kMaxSteps) throw bad_recipe("it has more than 100 steps");
  std::optional<std::string> out;
  for (const base::Json& step : steps.elements()) {
    if (step["id"].opt_string() != std::string(id)) continue;
    if (out) throw bad_recipe("it has two steps " + std::string(id));
    const base::Json arguments = step["args"];
    if (!arguments.is_array() || arguments.size() != 2 || !arguments.at(1).is_string()) {
      throw bad_recipe("the step " + std::string(id) + " is not a shell script");
    }
    out = arguments.at(1).as_string();
  }
  if (!out) throw bad_recipe("it has no step " + std::string(id));
  return *out;
}

bool is_name(std::string_view text) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  return !text.empty() && text.find_first_not_of(kLetters) == std::string_view::npos &&
         (text[0] < '0' || text[0] > '9');
}

/// "NAME" of NAME=…; empty for other words.
std::string assigned_name(const ShellWord& word) {
  const std::size_t sign = word.text.find('=');
  if (sign == std::string::npos) return {};
  const std::string name = word.text.substr(0, sign);
  return is_name(name) ? name : std::string();
}

/// "NAME" and the rest of "$NAME:…" and "${NAME}:…".
std::optional<std::pair<std::string, std::string>> expanded_start(const std::string& text) {
  if (!text.starts_with('$')) return std::nullopt;
  const bool braces = text.starts_with("${");
  const std::size_t end = text.find(braces ? '}' : ':');
  if (end == std::string::npos) return std::nullopt;
  const std::size_t start = braces ? 2 : 1;
  std::string name = text.substr(start, end - start);
  if (!is_name(name)) return std::nullopt;
  return std::pair(std::move(name), text.substr(end + (braces ? 1 : 0)));
}

/// Follows the variables that hold containers through the commands.
class ToolReader {
 public:
  explicit ToolReader(const std::string& repository)
      : repository_(oci::Reference::parse(repository + ":latest").name()) {}

  void read(const std::string& script) {
    for (const ShellCommand& command : commands_of(script)) take_command(command);
  }
  std::map<std::string, oci::Digest> tools;

 private:
  static std::vector<ShellCommand> commands_of(const std::string& script) {
    try {
      return read_shell_commands(script);
    } catch (const std::invalid_argument& problem) {
      throw bad_recipe("the step extract-deps cannot be read: " + std::string(problem.what()));
    }
  }

  void take_command(const ShellCommand& command) {
    static const std::set<std::string> kBefore = {"if",     "then",  "elif",     "else",   "while",
                                                  "until",  "do",    "!",        "{",      "time",
                                                  "export", "local", "readonly", "declare"};
    std::size_t first = 0;
    while (first < command.size() && kBefore.contains(command[first].text)) ++first;
    for (; first < command.size(); ++first) {
      const std::string name = assigned_name(command[first]);
      if (name.empty()) break;
      // A variable that holds anything else is no container that is known.
      containers_[name] = created(command[first], name);
    }
    if (first + 1 >= command.size() || command[first].text != "docker") return;
    if (command[first + 1].text == "cp") take_copy(command, first + 2);
  }

  /// The image of NAME=$(docker create IMAGE); nothing for other values.
  std::optional<oci::Digest> created(const ShellWord& word, const std::string& name) const {
    if (word.substitutions.size() != 1 ||
        word.text != name + "=" + std::string(1, ShellWord::kSubstituted)) {
      return std::nullopt;
    }
    const std::vector<ShellCommand> inner = commands_of(word.substitutions[0]);
    if (inner.size() != 1 || inner[0].size() < 3) return std::nullopt;
    const ShellCommand& command = inner[0];
    if (command[0].text != "docker" || command[1].text != "create") return std::nullopt;
    std::size_t at = 2;
    for (; at < command.size() && command[at].text.starts_with('-'); ++at) {
      const std::string& option = command[at].text;
      // Of another option it is not known whether a value follows.
      const bool has_value = option.find('=') != std::string::npos;
      const std::string name = option.substr(0, option.find('='));
      if (name == "--platform" || name == "--pull" || name == "--name") {
        if (!has_value) ++at;
      } else if (option != "-q" && option != "--quiet") {
        return std::nullopt;
      }
    }
    return at < command.size() ? digest_of(command[at].text) : std::nullopt;
  }

  std::optional<oci::Digest> digest_of(const std::string& image) const {
    try {
      const oci::Reference reference = oci::Reference::parse(image);
      if (reference.name() != repository_) return std::nullopt;
      return reference.digest;
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  void take_copy(const ShellCommand& command, std::size_t at) {
    while (at < command.size() && command[at].text.starts_with('-')) ++at;
    if (at >= command.size()) return;
    const std::string& source = command[at].text;
    const std::size_t folder = source.find(kProgramFolder);
    if (folder == std::string::npos) return;
    const std::string program = source.substr(folder + kProgramFolder.size());
    if (!kPrograms.contains(program)) return;
    const auto from = expanded_start(source);
    const auto container =
        from && from->second == std::string(kProgramFolder) + program && source.starts_with('$')
            ? containers_.find(from->first)
            : containers_.end();
    if (container == containers_.end() || !container->second) {
      throw bad_recipe(program + " is copied from something that is not an image of " +
                       repository_ + " by its digest");
    }
    const auto [known, is_new] = tools.try_emplace(program, *container->second);
    if (!is_new && !(known->second == *container->second)) {
      throw bad_recipe(program + " is copied from two images: " + known->second.to_string() +
                       " and " + container->second->to_string());
    }
  }

  std::string repository_;
  std::map<std::string, std::optional<oci::Digest>> containers_;
};

/// Without lines that are comments, and without comments behind commands.
std::string without_comments(const std::string& script) {
  std::string out;
  for (std::string line : base::split(script, '\n')) {
    if (base::trim(line).starts_with('#')) continue;
    for (std::size_t at = line.find('#'); at != std::string::npos; at = line.find('#', at + 1)) {
      const auto quotes = [&](char quote) {
        return std::count(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(at), quote) % 2;
      };
      const bool begins_word = at > 0 && (line[at - 1] == ' ' || line[at - 1] == '\t');
      if (begins_word && quotes('"') == 0 && quotes('\'') == 0) line.resize(at);
    }
    out += line + "\n";
  }
  return out;
}

/// Whether `url` is there as a whole, not as the beginning or the end of another one.
bool names_url(const std::string& text, const std::string& url) {
  constexpr std::string_view kMore =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:-_@/%?#=";
  for (std::size_t at = text.find(url); !url.empty() && at != std::string::npos;
       at = text.find(url, at + 1)) {
    const char before = at == 0 ? ' ' : text[at - 1];
    std::size_t end = at + url.size();
    if (end < text.size() && text[end] == '/') ++end;
    const char after = end < text.size() ? text[end] : ' ';
    const bool starts = kMore.find(before) == std::string_view::npos || before == '=';
    if (starts && kMore.find(after) == std::string_view::npos) return true;
  }
  return false;
}

/// The base64 of each PEM public key, whether its lines are real ones or written as "\n".
std::vector<std::string> public_keys(const std::string& text) {
  constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----";
  constexpr std::string_view kEnd = "-----END PUBLIC KEY-----";
  constexpr std::string_view kBase64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  std::vector<std::string> out;
  for (std::size_t at = text.find(kBegin); at != std::string::npos; at = text.find(kBegin, at)) {
    at += kBegin.size();
    const std::size_t end = std::min(text.find(kEnd, at), text.size());
    std::string key;
    for (std::size_t i = at; i < end; ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (kBase64.find(text[i]) != std::string_view::npos) {
        key.push_back(text[i]);
      }
    }
    out.push_back(std::move(key));
  }
  return out;
}

}  // namespace

std::string tools_repository(const Environment& environment) {
  if (environment.kms_client_image.empty()) return kToolsRepository;
  const oci::Reference pinned = oci::Reference::parse(environment.kms_client_image);
  const std::string host = pinned.host.substr(0, pinned.host.find(':'));
  return net::is_loopback_host(host) ? pinned.name() : kToolsRepository;
}

BuildRecipe read_build_recipe(std::string_view payload, const std::string& repository) {
  const base::Json statement = find_statement(payload);
  ToolReader reader(repository);
  reader.read(step_text(statement, "extract-deps"));
  if (!reader.tools.contains("kms-client")) {
    throw bad_recipe("no command of the step extract-deps copies kms-client out of an image");
  }
  return {.tools = std::move(reader.tools),
          .start_script = step_text(statement, "write-entrypoint")};
}

std::string recipe_problem(const BuildRecipe& recipe, const Environment& environment) {
  const std::string script = without_comments(recipe.start_script);
  const auto lacks = [&](const std::string& what, const std::string& value) {
    return "its start script does not name the " + what + " of environment " + environment.name +
           (value.empty() ? std::string() : ", " + value);
  };
  if (!names_url(script, environment.kms_server_url)) {
    return lacks("KMS URL", environment.kms_server_url);
  }
  if (!names_url(script, environment.user_api_url_in_tee())) {
    return lacks("UserAPI URL", environment.user_api_url_in_tee());
  }
  const std::vector<std::string> wanted = public_keys(environment.kms_signing_key);
  const std::vector<std::string> found = public_keys(script);
  const bool is_ours = !found.empty() && wanted.size() == 1 &&
                       std::all_of(found.begin(), found.end(),
                                   [&](const std::string& key) { return key == wanted[0]; });
  return is_ours ? std::string() : lacks("KMS signing key", "");
}

}  // namespace ecloud::platform
