#include "cli/config_edit.h"

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

using Lines = std::vector<std::string>;
using Contents = std::map<std::string, std::vector<std::string>, std::less<>>;

constexpr int kIndent = 2;
constexpr auto kUser = ConfigFile::Which::kUser;

Lines lines_of(std::string_view text) {
  Lines lines = base::split(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

std::string text_of(const Lines& lines) {
  return lines.empty() ? "" : base::join(lines, "\n") + "\n";
}

std::string parent_of(std::string_view key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string_view::npos ? "" : std::string(key.substr(0, dot));
}

std::string last_part(std::string_view key) {
  return std::string(key.substr(key.rfind('.') + 1));
}

/// Whether YAML takes the text for itself without quotes, in every place where we write one.
bool is_plain(const std::string& text) {
  if (text.empty() || text.back() == ':' || base::equal_ignoring_case(text, "null")) return false;
  const auto allowed = [](char c, std::string_view more) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  };
  if (!allowed(text.front(), "/._")) return false;
  for (const char c : text) {
    if (!allowed(c, "/._-:@%+=?&~")) return false;
  }
  return true;
}

/// A JSON string is a double-quoted scalar of YAML 1.2.
std::string scalar(const std::string& text) {
  return is_plain(text) ? text : base::Json(text).dump();
}

Lines render(const std::string& key, const std::vector<std::string>& values, int column) {
  const std::string indent(static_cast<std::size_t>(column), ' ');
  if (values.size() == 1) return {indent + key + ": " + scalar(values.front())};
  Lines out = {indent + key + ":"};
  for (const std::string& value : values) {
    out.push_back(indent + std::string(kIndent, ' ') + "- " + scalar(value));
  }
  return out;
}

/// " # why" behind a value that stands on one line; a "#" in quotes or inside a word is none.
std::string comment_of(const std::string& line) {
  char quote = 0;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (quote != 0) {
      if (line[i] == quote && (quote == '\'' || line[i - 1] != '\\')) quote = 0;
    } else if ((line[i] == '"' || line[i] == '\'') && line[i - 1] == ' ') {
      quote = line[i];
    } else if (line[i] == '#' && (line[i - 1] == ' ' || line[i - 1] == '\t')) {
      const std::size_t end = line.find_last_not_of(" \t", i - 1);
      return end == std::string::npos ? "" : line.substr(end + 1);
    }
  }
  return {};
}

/// The lines that a key and what is below it take: [begin, end).
struct Extent {
  std::size_t begin;
  std::size_t end;
};

Extent extent_of(const Lines& lines, const KeyPlace& place) {
  Extent extent{static_cast<std::size_t>(place.line) - 1, static_cast<std::size_t>(place.line)};
  for (std::size_t i = extent.end; i < lines.size(); ++i) {
    const std::size_t indent = lines[i].find_first_not_of(' ');
    if (indent == std::string::npos || lines[i][indent] == '#') continue;
    const auto column = static_cast<int>(indent);
    const std::string rest = lines[i].substr(indent);
    const bool item = column == place.column && (rest == "-" || rest.starts_with("- "));
    if (column <= place.column && !item) break;
    extent.end = i + 1;
  }
  return extent;
}

/// The places of the keys directly below `section`, by key.
std::vector<std::pair<std::string, KeyPlace>> children(const ConfigFile& file,
                                                       const std::string& section) {
  std::vector<std::pair<std::string, KeyPlace>> out;
  for (const auto& [key, place] : file.places()) {
    if (parent_of(key) == section) out.emplace_back(key, place);
  }
  return out;
}

Contents contents_of(const ConfigFile& file) {
  Contents out;
  for (const auto& [key, value] : file.values()) out[key] = value.values;
  return out;
}

/// `lines` as text, when it says what is wanted and nothing else has changed.
std::string checked(const Lines& lines, const std::string& name, const Contents& wanted) {
  std::string text = text_of(lines);
  const Error cannot(Category::kUsage, "config.cannot_edit",
                     name + " is written in a way that this command cannot change",
                     "change it in an editor; `ecloud config path` says where it is");
  try {
    if (contents_of(ConfigFile::parse(text, name, kUser)) == wanted) return text;
  } catch (const Error& error) {
    if (error.code() == "config.type" || error.code() == "config.bad_value") throw;
  }
  throw cannot;
}

void insert_at(Lines& lines, std::size_t position, const Lines& more) {
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(position), more.begin(), more.end());
}

void erase(Lines& lines, const Extent& extent) {
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(extent.begin),
              lines.begin() + static_cast<std::ptrdiff_t>(extent.end));
}

/// Puts a key that is not there into the deepest section that is.
void add(Lines& lines, const ConfigFile& file, const std::string& key,
         const std::vector<std::string>& values) {
  std::string section = parent_of(key);
  std::vector<std::string> missing;
  while (!section.empty() && !file.places().contains(section)) {
    missing.insert(missing.begin(), last_part(section));
    section = parent_of(section);
  }
  std::size_t position = lines.size();
  int column = 0;
  if (!section.empty()) {
    const KeyPlace& place = file.places().find(section)->second;
    const auto siblings = children(file, section);
    column = siblings.empty() ? place.column + kIndent : siblings.front().second.column;
    position = extent_of(lines, place).end;
  }
  Lines more;
  for (const std::string& name : missing) {
    more.push_back(std::string(static_cast<std::size_t>(column), ' ') + name + ":");
    column += kIndent;
  }
  const Lines value = render(last_part(key), values, column);
  more.insert(more.end(), value.begin(), value.end());
  insert_at(lines, position, more);
}

}  // namespace

std::string set_config_value(std::string_view text, const std::string& name, const std::string& key,
                             const std::vector<std::string>& values) {
  const ConfigFile file = ConfigFile::parse(text, name, kUser);
  Lines lines = lines_of(text);
  const auto place = file.places().find(key);
  if (place == file.places().end()) {
    add(lines, file, key, values);
  } else {
    const Extent extent = extent_of(lines, place->second);
    Lines value = render(last_part(key), values, place->second.column);
    if (extent.end == extent.begin + 1 && value.size() == 1) {
      value.front() += comment_of(lines[extent.begin]);
    }
    erase(lines, extent);
    insert_at(lines, extent.begin, value);
  }
  Contents wanted = contents_of(file);
  wanted[key] = values;
  return checked(lines, name, wanted);
}

std::string unset_config_value(std::string_view text, const std::string& name,
                               const std::string& key) {
  const ConfigFile file = ConfigFile::parse(text, name, kUser);
  if (!file.places().contains(key)) return std::string(text);
  std::string target = key;
  for (std::string parent = parent_of(target); !parent.empty(); parent = parent_of(parent)) {
    if (children(file, parent).size() > 1) break;
    target = parent;
  }
  Lines lines = lines_of(text);
  erase(lines, extent_of(lines, file.places().find(target)->second));
  Contents wanted = contents_of(file);
  wanted.erase(key);
  return checked(lines, name, wanted);
}

}  // namespace ecloud::cli
