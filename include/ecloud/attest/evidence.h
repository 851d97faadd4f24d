#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ecloud::attest {

/// What came of a check. A check whose input is absent, or which rests on one that was not
/// verified, is not checked and never verified.
enum class Result { kVerified, kFailed, kNotChecked };

/// "verified", "failed", "not checked".
std::string_view result_word(Result result);

/// One check of a chain of evidence.
struct Finding {
  std::string name;  ///< stable, lower case with hyphens: "quote-signature"
  Result result = Result::kNotChecked;
  std::string text;  ///< the evidence, or the reason; one line without a final full stop, printable
};

/// Failed when one failed; else not checked when one was not, or when there is none; else verified.
Result fold(const std::vector<Finding>& findings);

/// The first of that name; null when there is none.
const Finding* find_finding(const std::vector<Finding>& findings, std::string_view name);

/// "quote-signature failed", or "quote-signature was not checked", of the first of `names` that is
/// not verified; empty when all are. One that there is not was not checked.
std::string missing_evidence(const std::vector<Finding>& findings,
                             const std::vector<std::string_view>& names);

/// Findings in the order of their checks, with the rule for those that rest on others.
class Evidence {
 public:
  Evidence() = default;
  /// Goes on where `earlier` ends: what is added may rest on it.
  explicit Evidence(std::vector<Finding> earlier) : findings_(std::move(earlier)) {}

  void verified(std::string name, std::string text);
  void failed(std::string name, std::string text);
  void not_checked(std::string name, std::string text);
  /// The outcome of a comparison: a failure stays one whatever it rests on, and a success is not
  /// checked as long as one of `rests_on` is not verified.
  void compared(std::string name, bool holds, std::string text,
                const std::vector<std::string_view>& rests_on);
  std::string missing(const std::vector<std::string_view>& names) const {
    return missing_evidence(findings_, names);
  }

  const std::vector<Finding>& findings() const { return findings_; }
  std::vector<Finding> take() { return std::move(findings_); }

 private:
  void add(std::string name, Result result, std::string text);
  std::vector<Finding> findings_;
};

}  // namespace ecloud::attest
