#include "cli/commands/app/verify_view.h"

#include <algorithm>

#include "cli/json_values.h"
#include "cli/page.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

using attest::Result;

std::string word(Result result) {
  return std::string(attest::result_word(result));
}

Result overall(const deploy::VerifyReport& report) {
  Result out = Result::kVerified;
  for (const deploy::VerifiedLink& link : report.links) {
    if (link.result == Result::kFailed) return Result::kFailed;
    if (link.result == Result::kNotChecked) out = Result::kNotChecked;
  }
  return out;
}

base::Json link_document(const deploy::VerifiedLink& link) {
  base::Json findings = base::Json::array();
  for (const attest::Finding& finding : link.findings) {
    findings.push(base::Json::object(
        {{"name", finding.name}, {"result", word(finding.result)}, {"text", finding.text}}));
  }
  return base::Json::object(
      {{"link", link.name}, {"result", word(link.result)}, {"findings", std::move(findings)}});
}

Style style_of(Result result) {
  if (result == Result::kVerified) return Style::kGreen;
  return result == Result::kFailed ? Style::kRed : Style::kDim;
}

std::string mark_of(Result result) {
  if (result == Result::kVerified) return "✓";
  return result == Result::kFailed ? "✗" : "-";
}

void print_at_terminal(Terminal& terminal, const deploy::VerifyReport& report) {
  constexpr std::size_t kNameWidth = 20;
  constexpr std::size_t kTextColumn = 4 + kNameWidth + 2;
  const std::size_t width =
      std::max<std::size_t>(static_cast<std::size_t>(terminal.width()), kTextColumn + 30) -
      kTextColumn;
  std::string out;
  for (const deploy::VerifiedLink& link : report.links) {
    out += (out.empty() ? "" : "\n") +
           terminal.paint(Stream::kOutput, Style::kBold, link.name + ": ") +
           terminal.paint(Stream::kOutput, style_of(link.result), word(link.result)) + "\n";
    for (const attest::Finding& finding : link.findings) {
      const std::size_t gap = kNameWidth - std::min(kNameWidth, finding.name.size());
      out += "  " +
             terminal.paint(Stream::kOutput, style_of(finding.result), mark_of(finding.result)) +
             " " + finding.name + std::string(gap + 2, ' ') +
             wrap(base::printable_line(finding.text, SIZE_MAX), width, kTextColumn) + "\n";
    }
  }
  terminal.write(out);
}

Table table_of(const deploy::VerifyReport& report) {
  Table table{.headers = {"LINK", "FINDING", "RESULT", "EVIDENCE"}, .rows = {}};
  for (const deploy::VerifiedLink& link : report.links) {
    for (const attest::Finding& finding : link.findings) {
      table.rows.push_back({link.name, finding.name, word(finding.result), finding.text});
    }
  }
  return table;
}

}  // namespace

base::Json verify_document(const VerifyResult& result) {
  const deploy::VerifyReport& report = result.report;
  base::Json links = base::Json::array();
  for (const deploy::VerifiedLink& link : report.links) links.push(link_document(link));
  return base::Json::object(
      {{"appId", result.material.app.to_string()},
       {"environment", result.material.environment},
       {"takenAt", base::format_rfc3339(result.material.taken_at)},
       {"offline", result.material.from_bundle},
       {"image", text_or_null(report.image)},
       {"releaseBlock", report.release_block > 0 ? base::Json(report.release_block) : base::Json()},
       {"evmAddresses", base::Json::strings(report.evm_addresses)},
       {"result", word(overall(report))},
       {"links", std::move(links)},
       {"bundle", text_or_null(result.bundle)}});
}

std::vector<JsonField> verify_fields() {
  return {{"appId", "id of the app"},
          {"environment", "its name"},
          {"takenAt", "when the evidence was taken, RFC 3339"},
          {"offline", "whether it came out of a bundle"},
          {"image", "name and digest of the release's image, or null"},
          {"releaseBlock", "block of the release, or null"},
          {"evmAddresses", "addresses that the KMS signed for the app; empty unless that verified"},
          {"result", "verified, failed or \"not checked\": all links together"},
          {"links",
           "release, image, client-binaries, provenance, addresses, live, attestation, each with "
           "link, result and findings (name, result, text)"},
          {"bundle", "the file that was written, or null"}};
}

void print_verify(Context& context, const VerifyResult& result) {
  if (context.terminal().is_terminal(Stream::kOutput)) {
    return print_at_terminal(context.terminal(), result.report);
  }
  context.output().table(table_of(result.report));
}

}  // namespace ecloud::cli
