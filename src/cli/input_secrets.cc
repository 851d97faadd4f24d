#include "cli/input_secrets.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "ecloud/base/text.h"
#include "ecloud/crypto/bip39.h"

namespace ecloud::cli {
namespace {

constexpr std::size_t kPiece = 12;
constexpr std::size_t kShortest = 4;
constexpr std::size_t kKeyDigits = 64;
constexpr std::size_t kPhraseWords = 6;
constexpr char kHidden[] = "(hidden)";
/// What ends a URL in running text or in YAML.
constexpr std::string_view kDelimiters = " \t\r\n\"'<>,()[]{}`";

bool is_hex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

/// Same length as `text`: lower case, and every space a blank.
std::string comparable(std::string_view text) {
  std::string out = base::to_lower(text);
  for (char& c : out) {
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  }
  return out;
}

bool is_listed_word(std::string_view word) {
  const auto& list = crypto::english_word_list();
  return std::binary_search(list.begin(), list.end(), std::string_view(base::to_lower(word)));
}

/// "v2", as providers write it before the key.
bool is_version(std::string_view segment) {
  return segment.size() == 2 && (segment[0] == 'v' || segment[0] == 'V') && segment[1] >= '1' &&
         segment[1] <= '9';
}

/// A random word: 20 letters of both cases and digits, or 32 hex digits.
bool looks_random(std::string_view word) {
  bool upper = false, lower = false, digit = false, hex = true;
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) == 0 && c != '-' && c != '_') return false;
    upper = upper || std::isupper(byte) != 0;
    lower = lower || std::islower(byte) != 0;
    digit = digit || std::isdigit(byte) != 0;
    hex = hex && is_hex(c);
  }
  if (hex && digit && word.size() >= 32) return true;
  return upper && lower && digit && word.size() >= 20;
}

/// A host or a URL and not the path of a file: the part before the first slash has a dot.
bool has_host(std::string_view token) {
  if (token.find("://") != token.npos) return true;
  const std::string_view first = token.substr(0, token.find('/'));
  return (!first.empty() && first.front() != '.' && first.front() != '~' &&
          first.find('.') != first.npos);
}

}  // namespace

void InputSecrets::add_secret(std::string_view secret) {
  const std::string text = comparable(secret);
  if (text.size() < kShortest) return;
  if (text.size() < kPiece) {
    short_.push_back(text);
    return;
  }
  for (std::size_t i = 0; i + kPiece <= text.size(); ++i) pieces_.insert(text.substr(i, kPiece));
}

void InputSecrets::add_hex(std::string_view text) {
  constexpr std::string_view kDigest = "sha256:";
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_hex(text[end])) ++end;
    if (end - at >= kKeyDigits && !text.substr(0, at).ends_with(kDigest)) {
      add_secret(text.substr(at, end - at));
    }
    at = end + 1;
  }
}

void InputSecrets::add_phrases(std::string_view text) {
  const std::vector<std::string_view> words = base::words_of(text);
  std::size_t first = 0;
  for (std::size_t i = 0; i <= words.size(); ++i) {
    if (i < words.size() && is_listed_word(words[i])) continue;
    if (i - first >= kPhraseWords) {
      const char* begin = words[first].data();
      const char* end = words[i - 1].data() + words[i - 1].size();
      add_secret({begin, static_cast<std::size_t>(end - begin)});
    }
    first = i + 1;
  }
}

void InputSecrets::add_user(std::string_view url, std::string_view authority, bool keyed) {
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos || authority.substr(at).starts_with("@sha256:")) return;
  const std::string_view user = authority.substr(0, at);
  const std::size_t colon = user.find(':');
  if (colon != std::string_view::npos) {
    add_secret(user.substr(colon + 1));
  } else if (keyed || url.find("://") != std::string_view::npos) {
    add_secret(user);
  }
}

void InputSecrets::add_path(std::string_view path, bool keyed) {
  bool after_version = false;
  for (const std::string& segment : base::split(path, '/')) {
    const bool key =
        looks_random(segment) || (after_version && segment.size() >= (keyed ? kShortest : kPiece));
    if (key) add_secret(segment);
    after_version = is_version(segment);
  }
}

void InputSecrets::add_query(std::string_view query) {
  constexpr std::size_t kShortestValue = 6;
  while (!query.empty()) {
    query.remove_prefix(1);
    const std::size_t end = std::min(query.find_first_of("?&#"), query.size());
    const std::string_view field = query.substr(0, end);
    const std::size_t equals = field.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? field : field.substr(equals + 1);
    if (value.size() >= kShortestValue) add_secret(value);
    query.remove_prefix(end);
  }
}

void InputSecrets::add_url_parts(std::string_view url, bool keyed) {
  std::string_view rest = url;
  const std::size_t scheme = rest.find(":/");
  if (scheme != std::string_view::npos) rest.remove_prefix(scheme + 1);
  while (rest.starts_with('/')) rest.remove_prefix(1);
  const std::size_t query = std::min(rest.find_first_of("?#"), rest.size());
  const std::size_t slash = std::min(rest.find('/'), query);
  add_user(url, rest.substr(0, slash), keyed);
  add_path(rest.substr(slash, query - slash), keyed);
  add_query(rest.substr(query));
  // The key alone, where its URL belongs.
  if (keyed && slash == rest.size() && looks_random(rest)) add_secret(rest);
}

void InputSecrets::add(std::string_view text) {
  add_hex(text);
  add_phrases(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(kDelimiters, at), text.size());
    std::string_view token = text.substr(at, end - at);
    at = end + 1;
    // NAME=URL, and KEY:URL without a space.
    const std::size_t equals = token.find('=');
    if (equals < token.find_first_of("/?@")) token.remove_prefix(equals + 1);
    const bool has_password = token.find('@') != token.npos && token.find(':') < token.find('@');
    if (has_host(token) || has_password) add_url_parts(token, false);
  }
}

void InputSecrets::add_url(std::string_view text) {
  add(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(kDelimiters, at), text.size());
    if (end > at) add_url_parts(text.substr(at, end - at), true);
    at = end + 1;
  }
}

void InputSecrets::add(const InputSecrets& other) {
  pieces_.insert(other.pieces_.begin(), other.pieces_.end());
  short_.insert(short_.end(), other.short_.begin(), other.short_.end());
}

std::string InputSecrets::hide(std::string_view text) const {
  if (empty()) return std::string(text);
  const std::string plain = comparable(text);
  std::vector<bool> hidden(text.size());
  const auto mark = [&](std::size_t at, std::size_t size) {
    std::fill_n(hidden.begin() + static_cast<std::ptrdiff_t>(at), size, true);
  };
  for (std::size_t i = 0; i + kPiece <= plain.size(); ++i) {
    if (pieces_.contains(plain.substr(i, kPiece))) mark(i, kPiece);
  }
  for (const std::string& secret : short_) {
    for (std::size_t at = 0; (at = plain.find(secret, at)) != std::string::npos; ++at) {
      mark(at, secret.size());
    }
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!hidden[i]) {
      out += text[i];
    } else if (i == 0 || !hidden[i - 1]) {
      out += kHidden;
    }
  }
  return out;
}

}  // namespace ecloud::cli
