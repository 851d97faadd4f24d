#include "cli/commands/build/build_view.h"
#include "cli/commands/build/commands.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

void run_status(Context& context, const Values& values) {
  const base::Milliseconds timeout = *values.duration("timeout");
  Workflow workflow(context);
  const std::string id = build_id(workflow, values);
  platform::Build build = workflow.build_api(true).build(id);
  if (!build.state_problem.empty()) {
    throw Error(Category::kNetwork, "json.shape", build.state_problem, "try again in a moment");
  }
  if (values.flag("wait")) {
    workflow.phase("build " + id);
    platform::BuildApi direct = workflow.build_api(false);
    build = deploy::follow_build(
        workflow.services(), direct, id,
        {.timeout = timeout, .wait_command = build_wait_command(workflow, id), .log = {}});
    workflow.finish_progress();
  }
  context.output().result(build_document(build), [&] { context.output().line(build.state_word); });
}

}  // namespace

Command make_build_status_command() {
  Command command;
  command.name = "status";
  command.summary = "Show how far a build is";
  command.description =
      "Prints building, success or failed. With --wait it returns when the build has succeeded "
      "(exit 0), has failed (3), or the time has run out (8). Needs no key when the build is "
      "named.";
  command.positionals = {build_positional()};
  command.options = {
      {.name = "wait", .kind = Kind::kFlag, .help = "Wait until the build has ended"},
      build_timeout_option("timeout", "")};
  command.examples = {
      {"Go on when the newest build has ended", "ecloud compute build status --wait"}};
  command.json_fields = build_json_fields();
  command.exit_codes = {Category::kImage, Category::kCredentials, Category::kNotFound,
                        Category::kNetwork, Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_status;
  return command;
}

}  // namespace ecloud::cli
