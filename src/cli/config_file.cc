#include "cli/config_file.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "cli/config_keys.h"
#include "cli/reference_names.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// Far more than a project needs; aliases count each time that they are followed.
constexpr int kMaxNodes = 10'000;
constexpr int kMaxDepth = 8;
constexpr char kMergeKey[] = "<<";
/// The settings of the TypeScript CLI (packages/cli/src/utils/globalConfig.ts), which are its own.
constexpr std::string_view kReferenceKeys[] = {
    "first_run",          "telemetry_enabled",  "user_uuid",    "default_environment",
    "last_version_check", "last_known_version", "profile_cache"};
constexpr char kReferenceEnvironment[] = "default_environment";
/// A name that stands for "*" in a key: it becomes part of dotted keys and of file names.
constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

int line_of(const YAML::Node& node) {
  return node.Mark().line + 1;
}

/// Where documents begin.
class DocumentStarts final : public YAML::EventHandler {
 public:
  std::vector<YAML::Mark> starts;

  void OnDocumentStart(const YAML::Mark& mark) override { starts.push_back(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

/// YAML::LoadAll never returns from a text such as ",", which it takes for documents without end.
void check_single_document(const std::string& text, const std::string& name) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStarts found;
  if (!parser.HandleNextDocument(found) || !parser.HandleNextDocument(found)) return;
  if (found.starts[0].pos == found.starts[1].pos) {
    throw YAML::ParserException(found.starts[0], "expected keys and values");
  }
  throw Error(Category::kUsage, "config.syntax", name + " holds more than one document");
}

/// YAML knows the space of ASCII only; others come with text that was copied from a web page. Where
/// the first one stands that is not inside a value.
std::string odd_space_hint(std::string_view text) {
  int line = 1;
  bool structure = true;  // before a key, or behind its colon
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (structure && base::space_length(text.substr(at)) > 1) {
      return "line " + std::to_string(line) +
             " contains a space that YAML does not know (not U+0020); type it again";
    }
    const char c = text[at];
    if (c == '\n') ++line;
    structure = c == '\n' || c == ':' || c == '-' || (structure && c == ' ');
  }
  return {};
}

class Reader {
 public:
  Reader(std::string name, ConfigFile::Which which) : name_(std::move(name)), which_(which) {}

  void read(const YAML::Node& root) {
    if (root.IsNull()) return;
    if (!root.IsMap()) {
      throw error("config.type", line_of(root), "expected keys and values (name: my-app)");
    }
    read_map(root, "", 0);
  }

  std::map<std::string, ConfigValue, std::less<>> values;
  std::map<std::string, std::vector<std::string>, std::less<>> names;
  std::map<std::string, KeyPlace, std::less<>> places;
  std::vector<std::string> warnings;

  Error error(const char* code, int line, const std::string& message, std::string hint = {}) const {
    return Error(Category::kUsage, code, name_ + " line " + std::to_string(line) + ": " + message,
                 std::move(hint));
  }

 private:
  void count(const YAML::Node& node) {
    if (++nodes_ > kMaxNodes) {
      throw error("config.too_large", line_of(node), "the file holds too many values");
    }
  }

  void read_map(const YAML::Node& map, const std::string& prefix, int depth) {
    if (depth > kMaxDepth) throw error("config.type", line_of(map), "nested too deeply");
    std::set<std::string> seen;
    for (const auto& entry : map) {
      const std::string name = name_of(entry.first);
      if (!seen.insert(name).second) {
        throw error("config.duplicate_key", line_of(entry.first),
                    base::printable_line(name, 80) + " is set twice");
      }
      if (name != kMergeKey) read_named(prefix, name, entry.first, entry.second, depth);
    }
    merge_into(map, prefix, seen, depth, 0);
  }

  std::string name_of(const YAML::Node& key) {
    count(key);
    if (!key.IsScalar()) {
      throw error("config.type", line_of(key), "expected a name before the colon");
    }
    return key.Scalar();
  }

  void read_named(const std::string& prefix, const std::string& name, const YAML::Node& key,
                  const YAML::Node& value, int depth) {
    if (prefix.empty() && name.starts_with("x-")) return;
    read_entry(prefix.empty() ? name : prefix + "." + name, name, key, value, depth);
    names[prefix].push_back(name);
  }

  /// yaml.org/type/merge.html: what the mappings behind << of `map` set and nothing set before. Of
  /// several mappings the first one wins.
  void merge_into(const YAML::Node& map, const std::string& prefix, std::set<std::string>& seen,
                  int depth, int merges) {
    if (merges > kMaxDepth) throw error("config.type", line_of(map), "merged too deeply");
    for (const auto& entry : map) {
      if (!entry.first.IsScalar() || entry.first.Scalar() != kMergeKey) continue;
      if (entry.second.IsSequence()) {
        for (const YAML::Node& source : entry.second) {
          merge_source(source, entry.first, prefix, seen, depth, merges);
        }
      } else {
        merge_source(entry.second, entry.first, prefix, seen, depth, merges);
      }
    }
  }

  void merge_source(const YAML::Node& source, const YAML::Node& key, const std::string& prefix,
                    std::set<std::string>& seen, int depth, int merges) {
    if (!source.IsMap()) {
      throw error("config.type", line_of(key), "<< merges a mapping (*anchor) or a list of them");
    }
    for (const auto& entry : source) {
      const std::string name = name_of(entry.first);
      if (name == kMergeKey || !seen.insert(name).second) continue;
      read_named(prefix, name, entry.first, entry.second, depth);
    }
    merge_into(source, prefix, seen, depth, merges + 1);
  }

  bool is_reference_key(const std::string& key) const {
    return which_ == ConfigFile::Which::kUser &&
           std::find(std::begin(kReferenceKeys), std::end(kReferenceKeys), key) !=
               std::end(kReferenceKeys);
  }

  void read_reference_key(const std::string& key, const YAML::Node& value) {
    if (key != kReferenceEnvironment || !value.IsScalar() || value.Scalar().empty()) return;
    values[key] = {{value.Scalar()}, false, line_of(value)};
  }

  void read_entry(const std::string& key, const std::string& name, const YAML::Node& key_node,
                  const YAML::Node& value, int depth) {
    count(value);
    if (is_reference_key(key)) return read_reference_key(key, value);
    places[key] = {line_of(key_node), key_node.Mark().column};
    const bool plain = name.find_first_not_of(kNameCharacters) == std::string::npos;
    const ConfigKey* known = plain ? find_config_key(key, which_) : nullptr;
    if (known != nullptr) {
      // "name:" with nothing after it means the same as no such line.
      if (!value.IsNull()) values[key] = read_value(key, *known, value);
      return;
    }
    if (plain && is_config_section(key, which_)) {
      if (value.IsMap()) return read_map(value, key, depth + 1);
      if (value.IsNull()) return;
      throw error("config.type", line_of(key_node), key + " holds keys of its own");
    }
    const Error unknown = unknown_config_key(key, which_);
    if (which_ == ConfigFile::Which::kUser) {
      warnings.push_back(error("", line_of(key_node), unknown.message()).message() +
                         ", which is ignored" +
                         (unknown.hint().starts_with("did you mean") ? "; " + unknown.hint() : ""));
      return;
    }
    throw error(unknown.code().c_str(), line_of(key_node), unknown.message(), unknown.hint());
  }

  ConfigValue read_value(const std::string& key, const ConfigKey& known, const YAML::Node& node) {
    ConfigValue value;
    value.line = line_of(node);
    const bool list_allowed =
        known.type == ConfigType::kList || known.type == ConfigType::kTextOrList;
    if (node.IsSequence() && list_allowed) {
      value.is_list = true;
      for (const YAML::Node& element : node) {
        count(element);
        if (!element.IsScalar()) {
          throw error("config.type", line_of(element), key + " is a list of texts");
        }
        check_scalar(key, known, element.Scalar(), line_of(element));
        value.values.push_back(element.Scalar());
      }
      return value;
    }
    if (!node.IsScalar() || known.type == ConfigType::kList) {
      throw error("config.type", value.line,
                  key + (known.type == ConfigType::kList ? " is a list" : " is a single value"));
    }
    check_scalar(key, known, node.Scalar(), value.line);
    value.values = {node.Scalar()};
    return value;
  }

  /// Compose files have NAME=VALUE in a list of this name: the value is not repeated.
  void check_variable_name(const std::string& key, const std::string& text, int line) const {
    const std::string name = text.substr(0, text.find_first_of("=: "));
    const bool is_name =
        !name.empty() && name.find_first_not_of(kNameCharacters) == std::string::npos;
    if (is_name && name == text) return;
    throw error("config.bad_value", line,
                key + " lists names of variables; " + (is_name ? name : std::string("an entry")) +
                    (is_name ? " has a value there" : " is not a name"),
                "write only the name there, and NAME=VALUE into the env file (--env-file FILE)");
  }

  void check_scalar(const std::string& key, const ConfigKey& known, const std::string& text,
                    int line) const {
    std::string plain = text;
    std::erase(plain, '\r');
    if (base::printable(plain) != plain) {
      throw error("config.bad_value", line, key + " holds a control character");
    }
    if (known.key == "env" || known.key.ends_with(".env")) check_variable_name(key, text, line);
    if (known.type == ConfigType::kNumber && !base::parse_decimal(text)) {
      throw error("config.type", line,
                  key + " is a whole number, not \"" + base::printable_line(text, 80) + "\"");
    }
    if (known.type == ConfigType::kBoolean && text != "true" && text != "false") {
      throw error("config.type", line,
                  key + " is true or false, not \"" + base::printable_line(text, 80) + "\"");
    }
    const auto& choices = known.choices;
    if (choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end()) return;
    const auto close = base::closest(text, choices);
    throw error(
        "config.bad_value", line,
        key + " \"" + base::printable_line(text, 80) + "\" is none of " + base::join(choices, ", "),
        close ? "did you mean " + *close + "?" : "");
  }

  std::string name_;
  ConfigFile::Which which_;
  int nodes_ = 0;
};

}  // namespace

ConfigFile ConfigFile::parse(std::string_view text, std::string name, Which which) {
  Reader reader(name, which);
  if (text.size() > kMaxConfigBytes) {
    throw Error(Category::kUsage, "config.too_large", name + " is larger than 1 MiB");
  }
  if (!base::is_utf8(text) || text.find('\0') != std::string_view::npos) {
    throw Error(Category::kUsage, "config.syntax", name + " is no text file (UTF-8)");
  }
  try {
    const std::string whole(text);
    check_single_document(whole, name);
    reader.read(YAML::Load(whole));
  } catch (const YAML::Exception& error) {
    throw reader.error("config.syntax", error.mark.line + 1, base::printable_line(error.msg),
                       odd_space_hint(text));
  } catch (const Error& error) {
    const std::string hint = odd_space_hint(text);
    if (hint.empty()) throw;
    throw error.with_hint(hint);
  }
  ConfigFile file;
  file.name_ = std::move(name);
  file.values_ = std::move(reader.values);
  file.names_ = std::move(reader.names);
  file.places_ = std::move(reader.places);
  file.warnings_ = std::move(reader.warnings);
  return file;
}

ConfigFile ConfigFile::read(const std::filesystem::path& path, std::string name, Which which) {
  return parse(base::read_file(path, kMaxConfigBytes), std::move(name), which);
}

const ConfigValue* ConfigFile::find(std::string_view dotted_key) const {
  auto found = values_.find(dotted_key);
  if (found == values_.end() && dotted_key == "defaultEnvironment") {
    found = values_.find(kReferenceEnvironment);
  }
  return found == values_.end() ? nullptr : &found->second;
}

const ConfigValue* ConfigFile::find_effective(std::string_view key, std::string_view app,
                                              std::string_view environment) const {
  const ConfigKey* known = find_config_key(key, Which::kProject);
  if (known != nullptr && known->release) {
    const std::string in_app = "apps." + std::string(app) + ".";
    const std::string in_environment = "environments." + std::string(environment) + ".";
    for (const std::string& prefix : {in_app + in_environment, in_app, in_environment}) {
      if (const ConfigValue* value = find(prefix + std::string(key))) return value;
    }
  }
  return find(key);
}

std::optional<std::string> ConfigFile::text(std::string_view dotted_key) const {
  const ConfigValue* value = find(dotted_key);
  if (value == nullptr || value->values.empty()) return std::nullopt;
  return value->values.front();
}

std::vector<std::string> ConfigFile::list(std::string_view dotted_key) const {
  const ConfigValue* value = find(dotted_key);
  return value == nullptr ? std::vector<std::string>{} : value->values;
}

std::vector<std::string> ConfigFile::names_below(std::string_view dotted_prefix) const {
  const auto found = names_.find(dotted_prefix);
  return found == names_.end() ? std::vector<std::string>{} : found->second;
}

std::string ConfigFile::where(int line) const {
  return name_ + " line " + std::to_string(line);
}

std::vector<deploy::KnownName> read_reference_names(const std::filesystem::path& home,
                                                    const std::string& environment) {
  std::vector<deploy::KnownName> out;
  if (home.empty()) return out;
  try {
    const auto text = base::read_file_if_exists(home / ".eigenx" / "apps" / (environment + ".yaml"),
                                                kMaxConfigBytes);
    if (!text) return out;
    const YAML::Node root = YAML::Load(*text);
    if (!root.IsMap() || !root["apps"].IsMap()) return out;
    for (const auto& entry : root["apps"]) {
      if (static_cast<int>(out.size()) >= kMaxNodes) break;
      if (!entry.first.IsScalar() || !entry.second.IsMap()) continue;
      const YAML::Node id = entry.second["app_id"];
      if (!id.IsDefined() || !id.IsScalar()) continue;
      if (const auto app = eth::Address::parse(id.Scalar())) {
        out.push_back({entry.first.Scalar(), *app});
      }
    }
  } catch (const YAML::Exception&) {
    out.clear();
  } catch (const Error&) {
    out.clear();
  }
  return out;
}

}  // namespace ecloud::cli
