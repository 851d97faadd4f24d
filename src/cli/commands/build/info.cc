#include "cli/commands/build/build_view.h"
#include "cli/commands/build/commands.h"
#include "cli/json_values.h"

namespace ecloud::cli {
namespace {

base::Json info_document(const platform::Build& build) {
  base::Json out = build_document(build);
  base::Json dependencies = base::Json::array();
  for (const platform::Build& dependency : build.dependencies) {
    dependencies.push(info_document(dependency));
  }
  out.set("dependencies", dependencies);
  const auto provenance = base::Json::try_parse(build.provenance);
  out.set("provenance", provenance ? *provenance : text_or_null(build.provenance));
  out.set("provenanceSignature", text_or_null(build.provenance_signature));
  return out;
}

void append_dependencies(Pairs& pairs, const platform::Build& build, const std::string& indent) {
  for (const platform::Build& dependency : build.dependencies) {
    pairs.emplace_back(indent + "Dependency", dependency.image_digest->to_string() + " (build " +
                                                  dependency.id + ", " + dependency.repo + " at " +
                                                  dependency.commit + ")");
    append_dependencies(pairs, dependency, indent + "  ");
  }
}

void run_info(Context& context, const Values& values) {
  Workflow workflow(context);
  const std::string id = build_id(workflow, values);
  const platform::Build build = workflow.build_api(true).build(id);
  context.output().result(info_document(build), [&] {
    Pairs pairs = build_pairs(context, build);
    append_dependencies(pairs, build, "");
    pairs.emplace_back("Provenance", build.provenance.empty()
                                         ? ""
                                         : "there; to have it verified: ecloud compute "
                                           "build verify " +
                                               build.id);
    context.output().pairs(pairs);
  });
}

}  // namespace

Command make_build_info_command() {
  Command command;
  command.name = "info";
  command.summary = "Show all about a build";
  command.description =
      "Prints what a build was made from and what came out, with the builds that it stands on. "
      "Needs no key when the build is named.";
  command.positionals = {build_positional()};
  command.examples = {{"The newest build of the account", "ecloud compute build info"},
                      {"Its provenance", "ecloud compute build info --json | jq .provenance"}};
  command.json_fields = build_json_fields();
  command.json_fields.push_back({"dependencies", "builds that it stands on, each as this one"});
  command.json_fields.push_back({"provenance", "the statement as the service gives it, or null"});
  command.json_fields.push_back({"provenanceSignature", "as the service gives it, or null"});
  command.exit_codes = {Category::kCredentials, Category::kNotFound, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_info;
  return command;
}

}  // namespace ecloud::cli
