#include "cli/commands/app/commands.h"
#include "cli/context.h"
#include "cli/project_template.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// Scripts for other programs give these; their templates come from the network.
void refuse_foreign_templates(const Values& values) {
  for (const char* option : {"template-repo", "template-version"}) {
    if (!values.given(option)) continue;
    throw Error(Category::kUsage, "create.no_template_repo",
                values.origin(option).where +
                    ": projects are made from the templates in this program alone",
                "leave it out, or take the other project with: git clone URL FOLDER");
  }
}

std::string read_name(const Values& values) {
  const auto argument = values.argument("NAME");
  if (argument && values.origin("name").source == Source::kFlag &&
      *values.text("name") != *argument) {
    throw Error(Category::kUsage, "cli.conflict",
                "the name is given twice: " + *argument + " and --name " + *values.text("name"),
                "give it once");
  }
  const std::string name = argument ? *argument : values.required("name");
  const std::string problem = project_name_problem(name);
  if (problem.empty()) return name;
  throw Error(Category::kUsage, "create.bad_name",
              "the name \"" + base::printable_line(name, 60) + "\" " + problem,
              "choose at most 50 letters, digits, - and _, such as my-app");
}

std::string read_language(const Values& values) {
  const auto argument = values.argument("LANGUAGE");
  if (argument && values.given("language") && *values.text("language") != *argument) {
    throw Error(
        Category::kUsage, "cli.conflict",
        "the language is given twice: " + *argument + " and --language " + *values.text("language"),
        "give it once");
  }
  return argument ? *argument : values.required("language");
}

void show_next_steps(Context& context, const std::string& name) {
  const std::string image = "docker.io/YOU/" + base::to_lower(name) + ":0.1.0";
  context.terminal().write_error(
      "Next:\n"
      "  cd " +
      name +
      "\n"
      "  cp .env.example .env\n"
      "  docker buildx build --platform linux/amd64 --tag " +
      image +
      " --push .\n"
      "  ecloud compute app deploy --image-ref " +
      image + "\n");
}

void run_create(Context& context, const Values& values) {
  refuse_foreign_templates(values);
  const std::string name = read_name(values);
  const std::filesystem::path folder = context.absolute(name);
  // Before the next question, whose answer would be in vain.
  check_project_folder(folder);
  const std::string language = read_language(values);
  const std::vector<ProjectFile> files = make_project(language, name);
  const bool dry_run = values.flag("dry-run");
  if (!dry_run) write_project(folder, files);

  std::vector<std::string> paths;
  for (const ProjectFile& file : files) paths.push_back(file.path);
  const auto document = base::Json::object({{"name", name},
                                            {"language", language},
                                            {"folder", folder.string()},
                                            {"files", base::Json::strings(paths)},
                                            {"dryRun", dry_run}});
  context.output().result(document, [&] {
    if (dry_run) {
      for (const std::string& path : paths) context.output().line((folder / path).string());
      return;
    }
    context.output().line(folder.string());
    show_next_steps(context, name);
  });
}

}  // namespace

Command make_app_create_command() {
  Command command;
  command.name = "create";
  command.summary = "Make a new project, ready to build and deploy";
  command.description =
      "Makes a folder with a small HTTP server, its Dockerfile, an ecloud.yaml and an example of "
      "the variables. The Dockerfile keeps the platform's rules: linux/amd64, root, a server on "
      "all addresses, nothing secret in the image.\n\n"
      "The folder has the name of the app and is made in the working directory. One that holds "
      "anything is left alone.";
  command.positionals = {{.name = "NAME", .help = "Name of the app and of its folder"},
                         {.name = "LANGUAGE",
                          .help = "What the app is written in, as for --language",
                          .choices = template_languages()}};
  command.options = {{.name = "name",
                      .short_name = "n",
                      .value_name = "NAME",
                      .help = "Name of the app and of its folder: letters, digits, - and _",
                      .variables = {"ECLOUD_NAME"},
                      .question = "Name of the app"},
                     {.name = "language",
                      .short_name = "l",
                      .kind = Kind::kChoice,
                      .value_name = "LANGUAGE",
                      .help = "What the app is written in",
                      .choices = template_languages(),
                      .question = "Language"},
                     {.name = "template-repo",
                      .value_name = "URL",
                      .help = "Not available: templates are part of this program",
                      .hidden = true},
                     {.name = "template-version",
                      .value_name = "REF",
                      .help = "Not available: templates are part of this program",
                      .hidden = true}};
  command.examples = {
      {"A server in TypeScript", "ecloud compute app create my-app --language typescript"},
      {"See which files it would write",
       "ecloud compute app create my-app --language rust --dry-run"}};
  command.json_fields = {{"name", "name of the app"},
                         {"language", "typescript, golang, rust or python"},
                         {"folder", "the project's folder"},
                         {"files", "list of its files, relative to the folder"},
                         {"dryRun", "true when nothing was written"}};
  command.exit_codes = {Category::kFailure};
  command.mutating = true;
  command.run = run_create;
  return command;
}

}  // namespace ecloud::cli
