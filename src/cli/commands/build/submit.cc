#include "cli/build_options.h"
#include "cli/commands/build/build_view.h"
#include "cli/commands/build/commands.h"
#include "cli/commands/build/parallel_build.h"
#include "cli/json_values.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

base::Json plan_document(const platform::BuildRequest& request, const eth::Address& account) {
  base::Json dependencies = base::Json::array();
  for (const oci::Digest& digest : request.dependencies) dependencies.push(digest.to_string());
  return base::Json::object({{"dryRun", true},
                             {"account", account.to_string()},
                             {"repo", request.repo},
                             {"commit", request.commit},
                             {"dockerfile", request.dockerfile},
                             {"context", request.context},
                             {"caddyfile", text_or_null(request.caddyfile)},
                             {"dependencies", dependencies}});
}

void show_plan(Context& context, const platform::BuildRequest& request,
               const eth::Address& account) {
  std::vector<std::string> dependencies;
  for (const oci::Digest& digest : request.dependencies) dependencies.push_back(digest.to_string());
  context.output().result(plan_document(request, account), [&] {
    context.output().pairs({{"Account", account.to_string()},
                            {"Repository", request.repo},
                            {"Commit", request.commit},
                            {"Dockerfile", request.dockerfile},
                            {"Context", request.context},
                            {"Caddyfile", request.caddyfile},
                            {"Dependencies", base::join(dependencies, ", ")}});
  });
}

/// What is known of a build that nobody has asked about yet.
platform::Build submitted(const std::string& id, const platform::BuildRequest& request,
                          const eth::Address& account) {
  platform::Build build;
  build.id = id;
  build.account = account;
  build.repo = request.repo;
  build.commit = request.commit;
  build.state_word = "submitted";
  return build;
}

void run_submit(Context& context, const Values& values) {
  const platform::BuildRequest request = read_build_request(values, {});
  const base::Milliseconds timeout = *values.duration("timeout");
  Workflow workflow(context);
  const eth::Address account = workflow.signer().address;
  if (values.flag("dry-run")) {
    workflow.note("nothing is submitted");
    return show_plan(context, request, account);
  }
  platform::BuildApi api = workflow.build_api(true);
  workflow.phase("submitting the build");
  const std::string id =
      submit_build(context, workflow, api, request, values.flag("force"), "--force");
  platform::Build build = submitted(id, request, account);
  if (!values.flag("no-follow")) {
    workflow.phase("build " + id);
    platform::BuildApi direct = workflow.build_api(false);
    build = deploy::follow_build(workflow.services(), direct, id,
                                 {.timeout = timeout,
                                  .wait_command = build_wait_command(workflow, id),
                                  .log = log_on_stderr(context)});
  }
  workflow.finish_progress();
  context.output().result(build_document(build),
                          [&] { context.output().pairs(build_pairs(context, build)); });
}

}  // namespace

Command make_build_submit_command() {
  Command command;
  command.name = "submit";
  command.summary = "Have the platform build an image from a commit";
  command.description =
      "Submits a verifiable build and follows it: its log appears on stderr as it grows, the "
      "result on stdout when it has ended. A build that is no longer followed continues.\n\n"
      "An account has one build running at a time. While one is, --force submits another one in "
      "parallel, which uses credits: at least 5 dollars of them are needed.";
  command.options = build_source_options({}, "");
  command.options.push_back(
      {.name = "no-follow", .kind = Kind::kFlag, .help = "Print the build's id and return"});
  command.options.push_back({.name = "force",
                             .kind = Kind::kFlag,
                             .help = "Build in parallel while another build of the account is "
                                     "running, which uses credits"});
  command.options.push_back(build_timeout_option("timeout", ""));
  command.examples = {{"Build a commit (git rev-parse HEAD prints the one that is checked out)",
                       "ecloud compute build submit --repo https://github.com/me/app --commit "
                       "0123456789abcdef0123456789abcdef01234567"},
                      {"Only the digest of the image",
                       "ecloud compute build submit --repo https://github.com/me/app --commit "
                       "0123456789abcdef0123456789abcdef01234567 --fields imageDigest"}};
  command.json_fields = build_json_fields();
  command.json_fields[1].meaning =
      "building, success or failed, as the service says; submitted with --no-follow";
  const std::vector<JsonField> planned = {
      {"dryRun", "true with --dry-run, where account, repo, commit and what follows are given"},
      {"dockerfile", "with --dry-run: path in the repository"},
      {"context", "with --dry-run: path in the repository"},
      {"caddyfile", "with --dry-run: path in the repository, or null"},
      {"dependencies", "with --dry-run: digests"}};
  command.json_fields.insert(command.json_fields.end(), planned.begin(), planned.end());
  command.exit_codes = {Category::kFailure,  Category::kImage,   Category::kCredentials,
                        Category::kNotFound, Category::kNetwork, Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  command.run = run_submit;
  return command;
}

}  // namespace ecloud::cli
