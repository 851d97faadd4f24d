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
      count(entry.first);
      if (!entry.first.IsScalar()) {
        throw error("config.type", line_of(entry.first), "expected a name before the colon");
      }
      const std::string name = entry.first.Scalar();
      const std::string shown = base::printable_line(name, 80);
      if (!seen.insert(name).second) {
        throw error("config.duplicate_key", line_of(entry.first), shown + " is set twice");
      }
      read_entry(prefix.empty() ? name : prefix + "." + name, name, entry.first, entry.second,
                 depth);
      names[prefix].push_back(name);
    }
  }

  void read_entry(const std::string& key, const std::string& name, const YAML::Node& key_node,
                  const YAML::Node& value, int depth) {
    count(value);
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

  void check_scalar(const std::string& key, const ConfigKey& known, const std::string& text,
                    int line) const {
    std::string plain = text;
    std::erase(plain, '\r');
    if (base::printable(plain) != plain) {
      throw error("config.bad_value", line, key + " holds a control character");
    }
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
    throw reader.error("config.syntax", error.mark.line + 1, base::printable_line(error.msg));
  }
  ConfigFile file;
  file.name_ = std::move(name);
  file.values_ = std::move(reader.values);
  file.names_ = std::move(reader.names);
  file.places_ = std::move(reader.places);
  return file;
}

ConfigFile ConfigFile::read(const std::filesystem::path& path, std::string name, Which which) {
  return parse(base::read_file(path, kMaxConfigBytes), std::move(name), which);
}

const ConfigValue* ConfigFile::find(std::string_view dotted_key) const {
  const auto found = values_.find(dotted_key);
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
