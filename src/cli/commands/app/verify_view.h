#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/workflow.h"
#include "ecloud/deploy/verify_app.h"

namespace ecloud::cli {

/// What `verify` prints.
struct VerifyResult {
  const deploy::VerifyMaterial& material;
  const deploy::VerifyReport& report;
  std::optional<std::string> bundle;  ///< the file that was written
};

base::Json verify_document(const VerifyResult& result);
std::vector<JsonField> verify_fields();
/// Marks under headings on a terminal, elsewhere a line a finding.
void print_verify(Context& context, const VerifyResult& result);

}  // namespace ecloud::cli
