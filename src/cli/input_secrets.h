#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace ecloud::cli {

/// What may be a secret in the text that a user gave, so that no output repeats it when it was
/// given in the wrong place: private keys (64 hex digits or more that are no sha256: digest),
/// recovery phrases (six words of the BIP-39 list or more in a row), passwords in URLs, and keys in
/// the paths and queries of URLs. A slot that is meant for secrets hides its value itself.
class InputSecrets {
 public:
  /// Any text: an argument, a variable, a whole file.
  void add(std::string_view text);
  /// The URL of a node or a proxy: also with a misspelled scheme or none, and also short keys.
  void add_url(std::string_view text);
  void add(const InputSecrets& other);

  bool empty() const { return pieces_.empty() && short_.empty(); }
  /// `text` with every secret, and every part of one of at least 12 bytes (messages cut long
  /// values), replaced by "(hidden)". Case and kind of spaces do not matter.
  std::string hide(std::string_view text) const;

 private:
  void add_secret(std::string_view secret);
  void add_hex(std::string_view text);
  void add_phrases(std::string_view text);
  void add_url_parts(std::string_view url, bool keyed);
  void add_user(std::string_view url, std::string_view authority, bool keyed);
  void add_path(std::string_view path, bool keyed);
  void add_query(std::string_view query);

  std::unordered_set<std::string> pieces_;  ///< each run of 12 bytes of the longer secrets
  std::vector<std::string> short_;
};

}  // namespace ecloud::cli
