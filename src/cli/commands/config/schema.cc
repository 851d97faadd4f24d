#include "cli/commands/config/commands.h"
#include "cli/config_schema.h"
#include "cli/context.h"

namespace ecloud::cli {
namespace {

void run_schema(Context& context, const Values& values) {
  const base::Json schema =
      config_schema(values.flag("user") ? ConfigFile::Which::kUser : ConfigFile::Which::kProject);
  context.output().result(schema, [&] { context.output().line(schema.pretty()); });
}

}  // namespace

Command make_config_schema_command() {
  Command command;
  command.name = "schema";
  command.summary = "Print a JSON schema of ecloud.yaml, for editors";
  command.description =
      "Prints a JSON schema (draft-07) of ecloud.yaml, or of your config.yaml with --user. Editors "
      "complete and check keys with it: where they use the YAML language server, a first line "
      "\"# yaml-language-server: $schema=ecloud.schema.json\" in ecloud.yaml names it. The program "
      "itself checks the files whenever it reads them.";
  command.options = {
      {.name = "user", .kind = Kind::kFlag, .help = "The schema of config.yaml instead"}};
  command.examples = {{"Beside the project file", "ecloud config schema > ecloud.schema.json"}};
  command.json_fields = {{"$schema", "the dialect of JSON Schema"},
                         {"title", "name of the file"},
                         {"description", "what the file is"},
                         {"type", "of the whole file"},
                         {"properties", "schema of every key"},
                         {"additionalProperties", "false: unknown keys are errors"}};
  command.run = run_schema;
  return command;
}

}  // namespace ecloud::cli
