#include "ecloud/base/json.h"

#include <nlohmann/json.hpp>

namespace ecloud::base {
namespace {

using Value = nlohmann::ordered_json;

constexpr int kMaxDepth = 64;

/// What a document is called and which category its errors have.
struct Origin {
  std::string what = "json";
  Category category = Category::kBug;
};

/// "line 3, column 7" of a byte offset that counts from 1.
std::string position(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (std::size_t i = 0; i + 1 < offset && i < text.size(); ++i) {
    column = text[i] == '\n' ? 1 : column + 1;
    line += text[i] == '\n' ? 1 : 0;
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// The depth is checked before parsing because nlohmann builds and frees values recursively.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

struct Json::Impl {
  std::shared_ptr<Value> document;
  Value* node = nullptr;  // inside *document; null for a missing place
  std::shared_ptr<const Origin> origin;
  std::string path = "$";

  static std::unique_ptr<Impl> of(Value value) {
    auto impl = std::make_unique<Impl>();
    impl->document = std::make_shared<Value>(std::move(value));
    impl->node = impl->document.get();
    return impl;
  }

  std::unique_ptr<Impl> child(Value* value, std::string_view step) const {
    auto impl = std::make_unique<Impl>();
    impl->document = document;
    impl->node = value;
    impl->origin = origin;
    impl->path = path + std::string(step);
    return impl;
  }

  Error wrong(std::string_view message) const {
    static const Origin kUnnamed;
    const Origin& from = origin ? *origin : kUnnamed;
    return {from.category, "json.shape", from.what + ": " + path + ": " + std::string(message)};
  }

  const Value& expect(bool fits, const char* type) const {
    if (node != nullptr && fits) return *node;
    throw wrong("expected " + std::string(type) + ", found " +
                (node == nullptr ? "nothing" : node->type_name()));
  }

  void own() {
    if (node != document.get()) fail_bug("a place inside a document is changed: " + path);
    if (document.use_count() > 1) {
      document = std::make_shared<Value>(*document);
      node = document.get();
    }
  }
};

Json::Json() : impl_(Impl::of(nullptr)) {}
Json::Json(std::nullptr_t) : Json() {}
Json::Json(bool value) : impl_(Impl::of(value)) {}
Json::Json(int value) : impl_(Impl::of(value)) {}
Json::Json(std::int64_t value) : impl_(Impl::of(value)) {}
Json::Json(std::uint64_t value) : impl_(Impl::of(value)) {}
Json::Json(double value) : impl_(Impl::of(value)) {}
Json::Json(const char* value) : impl_(Impl::of(value)) {}
Json::Json(std::string_view value) : impl_(Impl::of(std::string(value))) {}
Json::Json(std::string value) : impl_(Impl::of(std::move(value))) {}
Json::Json(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Json::Json(const Json& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) {
  if (this != &other) impl_ = std::make_unique<Impl>(*other.impl_);
  return *this;
}
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Json Json::object() {
  return Json(Impl::of(Value::object()));
}
Json Json::array() {
  return Json(Impl::of(Value::array()));
}

Json Json::object(std::vector<std::pair<std::string, Json>> members) {
  Json out = object();
  for (auto& [name, value] : members) out.set(name, std::move(value));
  return out;
}

Json Json::array(std::vector<Json> elements) {
  Json out = array();
  for (Json& element : elements) out.push(std::move(element));
  return out;
}

Json Json::strings(const std::vector<std::string>& elements) {
  return Json(Impl::of(Value(elements)));
}

Json Json::parse(std::string_view text, std::string_view what, Category category) {
  const auto origin = std::make_shared<const Origin>(Origin{std::string(what), category});
  if (too_deep(text)) {
    throw Error(category, "json.syntax", origin->what + ": nested too deeply");
  }
  try {
    auto impl = Impl::of(Value::parse(text));
    impl->origin = origin;
    return Json(std::move(impl));
  } catch (const nlohmann::json::parse_error& error) {
    throw Error(category, "json.syntax",
                origin->what + ": not valid JSON at " + position(text, error.byte));
  } catch (const nlohmann::json::exception&) {
    // A number out of range, the one other thing that parsing refuses.
    throw Error(category, "json.syntax", origin->what + ": not valid JSON");
  }
}

std::optional<Json> Json::try_parse(std::string_view text) {
  try {
    return parse(text, "json");
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool Json::exists() const {
  return impl_->node != nullptr;
}
bool Json::is_null() const {
  return exists() && impl_->node->is_null();
}
bool Json::is_object() const {
  return exists() && impl_->node->is_object();
}
bool Json::is_array() const {
  return exists() && impl_->node->is_array();
}
bool Json::is_string() const {
  return exists() && impl_->node->is_string();
}
bool Json::is_number() const {
  return exists() && impl_->node->is_number();
}
bool Json::is_bool() const {
  return exists() && impl_->node->is_boolean();
}

Json Json::operator[](std::string_view member) const {
  Value* found = nullptr;
  if (is_object()) {
    const auto place = impl_->node->find(std::string(member));
    if (place != impl_->node->end()) found = &*place;
  }
  return Json(impl_->child(found, "." + std::string(member)));
}

Json Json::at(std::size_t element) const {
  Value* found = is_array() && element < size() ? &(*impl_->node)[element] : nullptr;
  return Json(impl_->child(found, "[" + std::to_string(element) + "]"));
}

std::size_t Json::size() const {
  return is_array() || is_object() ? impl_->node->size() : std::size_t{0};
}

std::vector<Json> Json::elements() const {
  impl_->expect(is_array(), "an array");
  std::vector<Json> out;
  out.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) out.push_back(at(i));
  return out;
}

std::vector<std::pair<std::string, Json>> Json::members() const {
  impl_->expect(is_object(), "an object");
  std::vector<std::pair<std::string, Json>> out;
  for (auto& [name, value] : impl_->node->items()) {
    out.emplace_back(name, Json(impl_->child(&value, "." + name)));
  }
  return out;
}

std::string Json::as_string() const {
  return impl_->expect(is_string(), "a string").get<std::string>();
}

bool Json::as_bool() const {
  return impl_->expect(is_bool(), "true or false").get<bool>();
}

std::uint64_t Json::as_u64() const {
  // A number made from a signed one, not parsed, is signed whatever its value.
  const bool fits = exists() && impl_->node->is_number_integer() &&
                    (impl_->node->is_number_unsigned() || impl_->node->get<std::int64_t>() >= 0);
  return impl_->expect(fits, "a whole number that is not negative").get<std::uint64_t>();
}

std::int64_t Json::as_i64() const {
  const bool fits = exists() && impl_->node->is_number_integer() &&
                    (!impl_->node->is_number_unsigned() ||
                     impl_->node->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX));
  return impl_->expect(fits, "a whole number").get<std::int64_t>();
}

double Json::as_double() const {
  return impl_->expect(is_number(), "a number").get<double>();
}

std::optional<std::string> Json::opt_string() const {
  if (!exists() || is_null()) return std::nullopt;
  return as_string();
}

std::optional<std::uint64_t> Json::opt_u64() const {
  if (!exists() || is_null()) return std::nullopt;
  return as_u64();
}

std::optional<double> Json::opt_double() const {
  if (!exists() || is_null()) return std::nullopt;
  return as_double();
}

Error Json::error(std::string_view message) const {
  return impl_->wrong(message);
}

const std::string& Json::path() const {
  return impl_->path;
}

Json& Json::set(std::string_view member, Json value) {
  impl_->own();
  if (!impl_->node->is_object()) fail_bug("a member is set on something that is no object");
  (*impl_->node)[std::string(member)] = value.exists() ? *value.impl_->node : Value(nullptr);
  return *this;
}

Json& Json::push(Json value) {
  impl_->own();
  if (!impl_->node->is_array()) fail_bug("an element is added to something that is no array");
  impl_->node->push_back(value.exists() ? *value.impl_->node : Value(nullptr));
  return *this;
}

std::string Json::dump() const {
  if (!exists()) return "null";
  return impl_->node->dump(-1, ' ', false, Value::error_handler_t::replace);
}

std::string Json::pretty() const {
  if (!exists()) return "null";
  return impl_->node->dump(2, ' ', false, Value::error_handler_t::replace);
}

bool Json::equals(const Json& other) const {
  // ordered_json compares members in order, so both sides are read again without one.
  return nlohmann::json::parse(dump()) == nlohmann::json::parse(other.dump());
}

}  // namespace ecloud::base
