#include "cli/commands/image/commands.h"
#include "cli/image_maker.h"
#include "cli/push_progress.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

ImageInput input_of(const Values& values) {
  ImageInput input;
  input.kind = ImageInput::Kind::kArchive;
  input.archive = *values.argument("ARCHIVE");
  input.target = oci::Reference::parse(*values.argument("TARGET"));
  if (!input.target->digest) return input;
  throw Error(Category::kUsage, "image.invalid_reference",
              "cannot push to " + input.target->to_string() + ": a digest comes from the content",
              "name a tag: " + input.target->name() + ":TAG");
}

void run_push(Context& context, const Values& values) {
  const ImageInput input = input_of(values);
  Workflow workflow(context);
  const deploy::SourceImage source = open_source(context, workflow, input);
  const oci::PushRequest request =
      deploy::push_unchanged(workflow.services(), source, *input.target);
  oci::Reference reference = *input.target;
  reference.digest = source.image.digest;
  base::Json document = base::Json::object({{"dryRun", values.flag("dry-run")},
                                            {"reference", reference.to_string()},
                                            {"digest", source.image.digest.to_string()},
                                            {"size", source.image.compressed_size_bytes()}});
  oci::PushReport report{.digest = source.image.digest};
  if (!values.flag("dry-run")) report = push_image(workflow, input, request);
  document.set("push", push_document(report));
  workflow.finish_progress();
  context.output().result(document, [&] { context.output().line(reference.to_string()); });
}

}  // namespace

Command make_image_push_command() {
  Command command;
  command.name = "push";
  command.summary = "Push an image from a file to a registry";
  command.description =
      "Takes the linux/amd64 image out of a tar file (docker save, OCI layout, Nix, Bazel) or a "
      "folder in the OCI layout, and brings it into a registry as it is. Layers that the registry "
      "has are not sent. Prints the reference with its digest.";
  command.positionals = {{.name = "ARCHIVE",
                          .help = "The file or folder; - reads standard input",
                          .required = true,
                          .kind = Kind::kFile},
                         {.name = "TARGET", .help = "Where to, with a tag", .required = true}};
  command.examples = {
      {"What docker save wrote", "ecloud image push my-app.tar docker.io/me/my-app:1.0"}};
  command.json_fields = {{"dryRun", "true: nothing was pushed"},
                         {"reference", "the target with the digest"},
                         {"digest", "of the manifest"},
                         {"size", "of layers and configuration, in bytes"},
                         push_json_field()};
  command.exit_codes = {Category::kImage, Category::kCredentials, Category::kNotFound,
                        Category::kNetwork};
  command.mutating = true;
  command.run = run_push;
  return command;
}

}  // namespace ecloud::cli
