#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ecloud/base/error.h"

namespace ecloud::base {

/// A JSON document or a place in one (RFC 8259). Members keep their order. A place remembers how it
/// was reached, so that a server's wrong shape is reported as "userapi: $.apps[0].ip: expected a
/// string, found null". Copies are cheap and share the document; changing one copies it first.
class Json {
 public:
  struct Impl;

  /// null.
  Json();
  Json(std::nullptr_t);          // NOLINT(google-explicit-constructor)
  Json(bool value);              // NOLINT(google-explicit-constructor)
  Json(int value);               // NOLINT(google-explicit-constructor)
  Json(std::int64_t value);      // NOLINT(google-explicit-constructor)
  Json(std::uint64_t value);     // NOLINT(google-explicit-constructor)
  Json(double value);            // NOLINT(google-explicit-constructor)
  Json(const char* value);       // NOLINT(google-explicit-constructor)
  Json(std::string_view value);  // NOLINT(google-explicit-constructor)
  Json(std::string value);       // NOLINT(google-explicit-constructor)
  Json(const Json&);
  Json(Json&&) noexcept;
  Json& operator=(const Json&);
  Json& operator=(Json&&) noexcept;
  ~Json();

  static Json object();
  static Json object(std::vector<std::pair<std::string, Json>> members);
  static Json array();
  static Json array(std::vector<Json> elements);
  static Json strings(const std::vector<std::string>& elements);

  /// `what` names the source in errors ("userapi", a path). `category` is that of every error
  /// thrown by this document and its places. Refuses nesting deeper than 64 and duplicate keys keep
  /// the last. Throws Error{category, "json.syntax"} with line and column.
  static Json parse(std::string_view text, std::string_view what,
                    Category category = Category::kNetwork);
  /// Nothing where parse would throw.
  static std::optional<Json> try_parse(std::string_view text);

  // Reading. A missing member or element is a place too; exists() is false there, and null is not
  // missing.
  bool exists() const;
  bool is_null() const;
  bool is_object() const;
  bool is_array() const;
  bool is_string() const;
  bool is_number() const;
  bool is_bool() const;
  /// The member of that name; a missing place when there is none or this is no object.
  Json operator[](std::string_view member) const;
  Json operator[](const char* member) const { return (*this)[std::string_view(member)]; }
  Json at(std::size_t element) const;
  /// Elements or members; 0 for everything else.
  std::size_t size() const;

  // The rest throws Error{category, "json.shape"} when the place has another type.
  std::vector<Json> elements() const;
  std::vector<std::pair<std::string, Json>> members() const;
  std::string as_string() const;
  bool as_bool() const;
  std::uint64_t as_u64() const;
  std::int64_t as_i64() const;
  double as_double() const;
  /// Nothing when missing or null.
  std::optional<std::string> opt_string() const;
  std::optional<std::uint64_t> opt_u64() const;
  std::optional<double> opt_double() const;
  /// An error at this place in the words of the caller: "userapi: $.apps[0]: MESSAGE".
  Error error(std::string_view message) const;
  /// "$.apps[0].ip".
  const std::string& path() const;

  // Writing, on documents (not on places inside one).
  Json& set(std::string_view member, Json value);
  Json& push(Json value);

  /// Compact, with non-ASCII characters as they are; malformed UTF-8 is replaced by U+FFFD.
  std::string dump() const;
  /// Indented by two, for people; no final line break.
  std::string pretty() const;
  /// Deep equality, member order ignored.
  bool equals(const Json& other) const;

 private:
  explicit Json(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ecloud::base
