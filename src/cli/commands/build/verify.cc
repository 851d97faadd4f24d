#include "cli/commands/build/build_view.h"
#include "cli/commands/build/commands.h"

namespace ecloud::cli {
namespace {

void run_verify(Context& context, const Values& values) {
  const std::string what = *values.argument("WHAT");
  platform::check_build_id(what);
  Workflow workflow(context);
  platform::BuildApi api = workflow.build_api(true);
  const deploy::VerifiedBuild verified =
      deploy::verify_build(workflow.services(), api, what,
                           {.digests = {},
                            .repo = values.text("repo").value_or(""),
                            .commit = values.text("commit").value_or("")});
  workflow.finish_progress();
  context.output().result(verified_document(verified),
                          [&] { context.output().pairs(verified_pairs(verified)); });
}

}  // namespace

Command make_build_verify_command() {
  Command command;
  command.name = "verify";
  command.summary = "Verify where an image comes from";
  command.description =
      "Asks the build service to verify a build, and then compares here: the record has to be of "
      "what was asked, the provenance has to be about the record's image, and may name no other "
      "repository or commit. What the server says is shown as the server's verdict. The signature "
      "of the provenance is not checked here, because the platform publishes no key for it. "
      "Exit 9 when the server does not call it verified, or when anything contradicts.";
  command.positionals = {
      {.name = "WHAT", .help = "Id of a build, digest of an image or commit", .required = true}};
  command.options = {{.name = "repo",
                      .kind = Kind::kText,
                      .value_name = "URL",
                      .help = "Fail unless it was built from this repository"},
                     {.name = "commit",
                      .kind = Kind::kText,
                      .value_name = "SHA",
                      .help = "Fail unless it was built from this commit"}};
  command.examples = {{"What was built from a commit",
                       "ecloud compute build verify 0123456789abcdef0123456789abcdef01234567"},
                      {"Whether it comes from the repository that you have reviewed",
                       "ecloud compute build verify 0123456789abcdef0123456789abcdef01234567 "
                       "--repo https://github.com/me/app"}};
  command.json_fields = verified_json_fields();
  command.exit_codes = {Category::kNotFound, Category::kNetwork, Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_verify;
  return command;
}

}  // namespace ecloud::cli
