#include "cli/plan_file.h"

#include "ecloud/base/clock.h"
#include "ecloud/base/files.h"

namespace ecloud::cli {
namespace {

/// Beyond what a block takes: a transaction's data cost at least 10 gas an octet (EIP-7623).
constexpr std::size_t kMaxPlanBytes = std::size_t{8} << 20;

}  // namespace

Option plan_out_option() {
  return {.name = "plan-out",
          .kind = Kind::kFile,
          .value_name = "FILE",
          .help =
              "Do all but sign, and save that for `ecloud compute app apply FILE`. An image that "
              "is made here is pushed, a wallet that is generated is stored"};
}

std::vector<JsonField> plan_file_json_fields() {
  return {{"planFile", "with --plan-out: where the plan was saved"},
          {"validUntil", "with --plan-out: until when it can be applied"}};
}

bool saves_plan(const Values& values) {
  return values.given("plan-out") && !values.flag("dry-run");
}

void save_plan_file(Context& context, const Values& values, const deploy::Signer& signer,
                    const deploy::SavedPlan& plan, AppReport& report) {
  const std::string name = *values.text("plan-out");
  base::write_file_atomic(context.absolute(name), deploy::format_saved_plan(plan, signer),
                          base::kPrivateFile);
  const std::string until = base::format_rfc3339(plan.transaction.deadline);
  report.document.set("dryRun", false);
  report.document.set("planFile", name);
  report.document.set("validUntil", until);
  report.text +=
      format_pairs({{"Plan", name}, {"Valid until", until}}, context.terminal(), Stream::kOutput);
}

deploy::SavedPlan read_plan_file(Context& context, const std::string& file,
                                 const deploy::Signer& signer) {
  return deploy::parse_saved_plan(context.read_user_file(file, kMaxPlanBytes),
                                  file == "-" ? "standard input" : file, signer);
}

}  // namespace ecloud::cli
