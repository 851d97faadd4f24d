#include "ecloud/attest/evidence.h"

#include "ecloud/base/text.h"

namespace ecloud::attest {
namespace {

constexpr std::size_t kLongestText = 1000;

}  // namespace

std::string_view result_word(Result result) {
  if (result == Result::kVerified) return "verified";
  return result == Result::kFailed ? "failed" : "not checked";
}

Result fold(const std::vector<Finding>& findings) {
  Result out = findings.empty() ? Result::kNotChecked : Result::kVerified;
  for (const Finding& finding : findings) {
    if (finding.result == Result::kFailed) return Result::kFailed;
    if (finding.result == Result::kNotChecked) out = Result::kNotChecked;
  }
  return out;
}

const Finding* find_finding(const std::vector<Finding>& findings, std::string_view name) {
  for (const Finding& finding : findings) {
    if (finding.name == name) return &finding;
  }
  return nullptr;
}

void Evidence::add(std::string name, Result result, std::string text) {
  findings_.push_back({std::move(name), result, base::printable_line(text, kLongestText)});
}

void Evidence::verified(std::string name, std::string text) {
  add(std::move(name), Result::kVerified, std::move(text));
}

void Evidence::failed(std::string name, std::string text) {
  add(std::move(name), Result::kFailed, std::move(text));
}

void Evidence::not_checked(std::string name, std::string text) {
  add(std::move(name), Result::kNotChecked, std::move(text));
}

void Evidence::compared(std::string name, bool holds, std::string text,
                        const std::vector<std::string_view>& rests_on) {
  if (!holds) return failed(std::move(name), std::move(text));
  const std::string lacking = missing(rests_on);
  if (lacking.empty()) return verified(std::move(name), std::move(text));
  not_checked(std::move(name), text + "; this rests on another check, and " + lacking);
}

std::string missing_evidence(const std::vector<Finding>& findings,
                             const std::vector<std::string_view>& names) {
  for (const std::string_view name : names) {
    const Finding* finding = find_finding(findings, name);
    if (finding != nullptr && finding->result == Result::kVerified) continue;
    const bool has_failed = finding != nullptr && finding->result == Result::kFailed;
    return std::string(name) + (has_failed ? " failed" : " was not checked");
  }
  return {};
}

}  // namespace ecloud::attest
