#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/terminal.h"
#include "ecloud/base/json.h"
#include "ecloud/base/secret.h"

namespace ecloud::cli {

struct Table {
  std::vector<std::string> headers;  ///< "NAME", shown on a terminal only
  std::vector<std::vector<std::string>> rows;
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The result of a command, in the form that was asked for: the document with --json; the values of
/// the chosen fields, tab-separated, one line a record, with --fields alone; else words for people.
class Output {
 public:
  /// `fields` empty: all. Both references outlive the object.
  Output(Terminal& terminal, const Command& command, std::vector<std::string> fields);

  bool json() const { return terminal_.options().json; }
  /// Whether result() prints the document or fields of it.
  bool wants_document() const { return json() || !fields_.empty(); }

  /// `document` has the members that the command declares; `human` prints with the functions below.
  void result(const base::Json& document, const std::function<void()>& human);

  /// As result(), for a document whose one member `list` holds the records.
  void list_result(std::string_view list, const base::Json& document,
                   const std::function<void()>& human);

  /// As result(), with `value` as the member `name`, of which no copy is left in memory. It holds
  /// nothing that JSON escapes.
  void secret_result(base::Json document, std::string_view name, const base::Secret& value,
                     const std::function<void()>& human);

  void line(std::string_view text) { terminal_.line(text); }
  /// Aligned under its headers on a terminal, tab-separated without them elsewhere; see
  /// format_table().
  void table(const Table& table);
  /// "Name:   value" lines, values aligned on a terminal; those with an empty value are left out.
  void pairs(const Pairs& pairs);
  /// What describes one thing, whose name is the first pair: as pairs(), the others indented where
  /// no terminal is.
  void record(const Pairs& pairs);

 private:
  /// Nothing: words for people are wanted.
  std::optional<std::string> rendered(std::string_view list, const base::Json& document) const;
  base::Json select(const base::Json& record) const;
  std::string values_line(const base::Json& record) const;

  Terminal& terminal_;
  const Command& command_;
  std::vector<std::string> fields_;
};

/// Checks --fields against the fields that `command` declares: Error{kUsage, "cli.unknown_field"}
/// with the list of them.
void check_fields(const Command& command, const std::vector<std::string>& fields);

/// A cell of a table: "-" for an empty text.
std::string or_dash(std::string text);

/// "3 minutes ago" on a terminal, RFC 3339 elsewhere.
std::string show_time(const Terminal& terminal, std::int64_t unix_seconds, std::int64_t now);

/// The columns that a text takes: code points, not octets; escape sequences take none.
std::size_t display_width(std::string_view text);

/// The beginning of `text`, which holds no escape sequences, that fits into `columns`.
std::string_view cut_to_width(std::string_view text, std::size_t columns);

/// The table as text, every row with a line break. On a terminal that is too narrow for its columns
/// the cells of a row stand below each other, each after its header.
std::string format_table(const Table& table, const Terminal& terminal, Stream stream);
std::string format_pairs(const Pairs& pairs, const Terminal& terminal, Stream stream);
std::string format_record(const Pairs& pairs, const Terminal& terminal, Stream stream);

}  // namespace ecloud::cli
