#include "cli/output.h"

#include <algorithm>

#include "cli/printable_json.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// The place that "gas.used" names; a missing place when a part is missing.
base::Json member(const base::Json& record, std::string_view dotted) {
  base::Json at = record;
  for (const std::string& part : base::split(dotted, '.')) at = at[part];
  return at;
}

/// A field as a plain value: text as it is, nothing for null and for what is missing.
std::string plain(const base::Json& value) {
  if (!value.exists() || value.is_null()) return {};
  return base::printable_line(value.is_string() ? value.as_string() : value.dump(), SIZE_MAX);
}

/// A copy that is a document of its own.
base::Json detached(const base::Json& place) {
  return base::Json::parse(place.dump(), "output", Category::kBug);
}

void set_dotted(base::Json& record, std::string_view dotted, base::Json value) {
  const std::size_t dot = dotted.find('.');
  if (dot == std::string_view::npos) {
    record.set(dotted, std::move(value));
    return;
  }
  const std::string_view head = dotted.substr(0, dot);
  const base::Json old = record[head];
  base::Json inner = old.is_object() ? detached(old) : base::Json::object();
  set_dotted(inner, dotted.substr(dot + 1), std::move(value));
  record.set(head, std::move(inner));
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return taken >= width ? text : text + std::string(width - taken, ' ');
}

/// Cells hold no line breaks and no tabs, which would look like the next row or column; colours
/// stay.
std::string cell(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  }
  return out;
}

void append_row(std::string& out, const std::vector<std::string>& row,
                const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool last = i + 1 == row.size();
    line += last ? cell(row[i]) : padded(cell(row[i]), widths[i]) + "  ";
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  out += line + "\n";
}

std::string relative_time(std::int64_t seconds) {
  const bool past = seconds >= 0;
  const std::int64_t distance = past ? seconds : -seconds;
  if (distance < 5) return "just now";
  struct Unit {
    const char* name;
    std::int64_t seconds;
  };
  static constexpr Unit kUnits[] = {{"year", 31'536'000}, {"month", 2'592'000}, {"day", 86'400},
                                    {"hour", 3'600},      {"minute", 60},       {"second", 1}};
  for (const Unit& unit : kUnits) {
    const std::int64_t count = distance / unit.seconds;
    if (count == 0) continue;
    const std::string words = std::to_string(count) + " " + unit.name + (count == 1 ? "" : "s");
    return past ? words + " ago" : "in " + words;
  }
  return "just now";
}

/// For windows that are too narrow for the columns: nothing is cut, because ids are there to be
/// copied.
std::string stacked_table(const Table& table, const Terminal& terminal, Stream stream) {
  std::size_t widest = 0;
  for (std::size_t i = 1; i < table.headers.size(); ++i) {
    widest = std::max(widest, display_width(table.headers[i]));
  }
  std::string out;
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == 0) {
        out += cell(row[i]) + "\n";
      } else if (!row[i].empty()) {
        const std::string header = i < table.headers.size() ? table.headers[i] : std::string();
        out += "  " + terminal.paint(stream, Style::kDim, padded(header, widest)) + "  " +
               cell(row[i]) + "\n";
      }
    }
  }
  return out;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0x1b) {
      while (i < text.size() && text[i] != 'm') ++i;
    } else if ((byte & 0xc0) != 0x80) {
      ++width;
    }
  }
  return width;
}

std::string_view cut_to_width(std::string_view text, std::size_t columns) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (begins && columns-- == 0) return text.substr(0, i);
  }
  return text;
}

std::string format_table(const Table& table, const Terminal& terminal, Stream stream) {
  std::string out;
  if (!terminal.is_terminal(stream)) {
    for (const auto& row : table.rows) {
      std::vector<std::string> cells;
      for (const std::string& text : row) cells.push_back(cell(text));
      out += base::join(cells, "\t") + "\n";
    }
    return out;
  }
  std::vector<std::size_t> widths;
  for (const std::string& header : table.headers) widths.push_back(display_width(header));
  for (const auto& row : table.rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::size_t total = 0;
  for (const std::size_t width : widths) total += width + 2;
  if (total > static_cast<std::size_t>(terminal.columns()) + 2) {
    return stacked_table(table, terminal, stream);
  }
  std::vector<std::string> headers;
  for (const std::string& header : table.headers) {
    headers.push_back(terminal.paint(stream, Style::kDim, header));
  }
  if (!headers.empty()) append_row(out, headers, widths);
  for (const auto& row : table.rows) append_row(out, row, widths);
  return out;
}

std::string format_pairs(const Pairs& pairs, const Terminal& terminal, Stream stream) {
  std::size_t width = 0;
  for (const auto& [name, value] : pairs) {
    if (!value.empty()) width = std::max(width, display_width(name));
  }
  std::string out;
  const bool aligned = terminal.is_terminal(stream);
  for (const auto& [name, value] : pairs) {
    if (value.empty()) continue;
    const std::string label = name + ":";
    out += aligned ? terminal.paint(stream, Style::kDim, padded(label, width + 1)) + "  "
                   : label + " ";
    out += cell(value) + "\n";
  }
  return out;
}

std::string format_record(const Pairs& pairs, const Terminal& terminal, Stream stream) {
  if (terminal.is_terminal(stream)) return format_pairs(pairs, terminal, stream);
  Pairs indented = pairs;
  for (std::size_t i = 1; i < indented.size(); ++i) indented[i].first.insert(0, "  ");
  return format_pairs(indented, terminal, stream);
}

std::string or_dash(std::string text) {
  return text.empty() ? "-" : text;
}

std::string show_time(const Terminal& terminal, std::int64_t unix_seconds, std::int64_t now) {
  if (!terminal.is_terminal(Stream::kOutput)) return base::format_rfc3339(unix_seconds);
  return relative_time(now - unix_seconds);
}

Output::Output(Terminal& terminal, const Command& command, std::vector<std::string> fields)
    : terminal_(terminal), command_(command), fields_(std::move(fields)) {}

base::Json Output::select(const base::Json& record) const {
  if (fields_.empty()) return record;
  base::Json out = base::Json::object();
  for (const std::string& field : fields_) {
    const base::Json value = member(record, field);
    set_dotted(out, field, value.exists() ? detached(value) : base::Json());
  }
  return out;
}

std::string Output::values_line(const base::Json& record) const {
  std::vector<std::string> values;
  for (const std::string& field : fields_) values.push_back(plain(member(record, field)));
  return base::join(values, "\t") + "\n";
}

void Output::result(const base::Json& document, const std::function<void()>& human) {
  list_result(command_.json_list, document, human);
}

std::optional<std::string> Output::rendered(std::string_view list,
                                            const base::Json& document) const {
  if (!json() && fields_.empty()) return std::nullopt;
  if (!json()) {
    std::string out;
    if (list.empty()) {
      out = values_line(document);
    } else {
      for (const base::Json& record : document[list].elements()) out += values_line(record);
    }
    return out;
  }
  base::Json shown = document;
  if (!fields_.empty() && list.empty()) {
    shown = select(document);
  } else if (!fields_.empty()) {
    base::Json records = base::Json::array();
    for (const base::Json& record : document[list].elements()) records.push(select(record));
    shown = base::Json::object({{std::string(list), std::move(records)}});
    // What describes the list as a whole still holds for the fields of its elements.
    for (const auto& [name, value] : document.members()) {
      if (name != list) shown.set(name, detached(value));
    }
  }
  if (!list.empty() && command_.json_is_array) shown = detached(shown[list]);
  return printable_json(shown, terminal_.is_terminal(Stream::kOutput)) + "\n";
}

void Output::list_result(std::string_view list, const base::Json& document,
                         const std::function<void()>& human) {
  const auto text = rendered(list, document);
  if (!text) return human();
  terminal_.write(*text);
}

void Output::secret_result(base::Json document, std::string_view name, const base::Secret& value,
                           const std::function<void()>& human) {
  // Stands for the secret while the document is put together and chosen from.
  constexpr std::string_view kStandIn = "(the-secret-itself)";
  document.set(name, kStandIn);
  const auto text = rendered(command_.json_list, document);
  if (!text) return human();
  const std::size_t at = text->rfind(kStandIn);
  if (at == std::string::npos) return terminal_.write(*text);
  terminal_.write(std::string_view(*text).substr(0, at));
  terminal_.write(value.reveal_text());
  terminal_.write(std::string_view(*text).substr(at + kStandIn.size()));
}

void Output::table(const Table& table) {
  terminal_.write(format_table(table, terminal_, Stream::kOutput));
}

void Output::record(const Pairs& pairs) {
  terminal_.write(format_record(pairs, terminal_, Stream::kOutput));
}

void Output::pairs(const Pairs& pairs) {
  terminal_.write(format_pairs(pairs, terminal_, Stream::kOutput));
}

void check_fields(const Command& command, const std::vector<std::string>& fields) {
  std::vector<std::string> known;
  for (const JsonField& field : command.json_fields) {
    known.push_back(field.name);
    // "gas" names the whole of what "gas.used" is a part of.
    const std::string head = field.name.substr(0, field.name.find('.'));
    if (std::find(known.begin(), known.end(), head) == known.end()) known.push_back(head);
  }
  for (const std::string& field : fields) {
    if (std::find(known.begin(), known.end(), field) != known.end()) continue;
    if (known.empty()) {
      throw Error(Category::kUsage, "cli.unknown_field", "this command has no fields to choose");
    }
    const auto close = base::closest(field, known);
    throw Error(Category::kUsage, "cli.unknown_field",
                "--fields: unknown field \"" + base::printable_line(field) + "\"",
                (close ? "did you mean " + *close + "?\n" : std::string()) + "the fields are " +
                    base::join(known, ", "));
  }
}

}  // namespace ecloud::cli
