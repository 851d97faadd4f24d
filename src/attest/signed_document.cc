#include <map>

#include "ecloud/attest/tdx_collateral.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"

namespace ecloud::attest {
namespace {

constexpr std::size_t kMostOctets = std::size_t{1} << 20;

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// Walks over a text that has been parsed as JSON: what it skips is well-formed.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  void blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  /// The next value, without the blanks around it.
  std::string_view value() {
    blanks();
    const std::size_t begin = at_;
    int depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (depth == 0 && (c == ',' || c == '}' || c == ']' || c == ':' || is_blank(c))) {
        break;
      } else if (c == '}' || c == ']') {
        --depth;
      }
    }
    return text_.substr(begin, at_ - begin);
  }

 private:
  /// Stops at the quote that ends it.
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

[[noreturn]] void fail(const std::string& problem) {
  throw Error(Category::kVerification, "attest.collateral", problem);
}

}  // namespace

SignedDocument read_signed_document(std::string_view text, std::string_view name) {
  const std::string what(name);
  if (text.size() > kMostOctets) fail("the document of " + what + " is longer than 1 MiB");
  const auto document = base::Json::try_parse(text);
  if (!document || !document->is_object()) fail("the document of " + what + " is no JSON object");
  std::map<std::string, std::string_view> members;
  Walker walker(text);
  walker.take('{');
  while (!walker.take('}')) {
    const auto key = base::Json::try_parse(walker.value());
    walker.take(':');
    if (!key || !key->is_string()) fail("the document of " + what + " cannot be read");
    // One reader may take the first of two, another one the last.
    if (!members.emplace(key->as_string(), walker.value()).second) {
      fail("the document of " + what + " has a member twice");
    }
    walker.take(',');
  }
  if (!members.contains(what)) fail("the document has no member \"" + what + "\"");
  const auto signature_text = (*document)["signature"];
  const auto signature = signature_text.is_string()
                             ? base::fixed_from_hex<64>(signature_text.as_string())
                             : std::nullopt;
  if (!signature) fail("the signature of " + what + " is not 64 octets in hex");
  return {std::string(members.at(what)), *signature};
}

}  // namespace ecloud::attest
