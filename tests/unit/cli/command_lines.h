#pragma once

#include <string>
#include <vector>

namespace ecloud::testing {

/// The words behind the first "ecloud " of a line of shell, up to where its command ends. Quotes
/// and what they hold stay as they are; there must be no blanks in them.
inline std::vector<std::string> words_after_ecloud(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line.substr(line.find("ecloud ") + 7) + " ") {
    if (c == '|' || c == '>' || c == ')' || c == ';' || c == '&') break;
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

}  // namespace ecloud::testing
