#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecloud::base {

std::string_view trim(std::string_view text);

/// The bytes of the space at the start of `text`, 0 when there is none: the white space of Unicode
/// (ASCII, U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000), and
/// what editors and web pages leave unseen (U+200B, U+2060 and U+FEFF, the byte order mark).
std::size_t space_length(std::string_view text);
/// trim() for what people paste: spaces as space_length() knows them.
std::string_view trim_spaces(std::string_view text);
/// The parts between spaces as space_length() knows them; they point into `text`.
std::vector<std::string_view> words_of(std::string_view text);

/// Empty fields are kept; an empty text is one empty field.
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// ASCII only.
std::string to_lower(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Decimal digits only, no sign, no blanks. Nothing for anything else or on overflow.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

/// The closest of `known` within edit distance 2 (3 for words of 8 characters and more), if any.
std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& known);

/// True for well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

/// Text from a server or a file, safe to print: control characters other than line feed and tab,
/// and bytes that are not UTF-8, become "?"; so nobody's log moves our cursor. Longer than
/// `max_bytes`, it is cut there, between characters, and "..." follows.
std::string printable(std::string_view text, std::size_t max_bytes = SIZE_MAX);

/// `text` without what may be a private key that was typed in the wrong place: 64 hex digits or
/// more in a row become "(hidden)".
std::string without_keys(std::string_view text);

/// As printable, with line feeds and tabs turned into blanks.
std::string printable_line(std::string_view text, std::size_t max_bytes = 300);

}  // namespace ecloud::base
