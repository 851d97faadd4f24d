#include "cli/commands/image/commands.h"
#include "cli/workflow.h"

namespace ecloud::cli {
namespace {

void run_digest(Context& context, const Values& values) {
  const oci::Reference reference = oci::Reference::parse(*values.argument("IMAGE"));
  Workflow workflow(context);
  const oci::ResolvedImage image = workflow.services().registry.resolve(reference);
  const std::string digest = image.digest.to_string();
  context.output().result(
      base::Json::object(
          {{"reference", reference.name() + "@" + digest},
           {"digest", digest},
           {"indexDigest",
            image.index_digest ? base::Json(image.index_digest->to_string()) : base::Json()}}),
      [&] { context.output().line(digest); });
}

}  // namespace

Command make_image_digest_command() {
  Command command;
  command.name = "digest";
  command.summary = "Print the digest of an image";
  command.description =
      "Prints the digest of the image's linux/amd64 manifest: what a deployment puts on chain. Of "
      "an index that is not the digest which docker shows, but the one of the entry that the "
      "platform runs. It is computed from the bytes that the registry sends.";
  command.positionals = {{.name = "IMAGE", .help = "The image in its registry", .required = true}};
  command.examples = {{"What would go on chain", "ecloud image digest docker.io/me/my-app:1.0"}};
  command.json_fields = {{"reference", "the image by its digest"},
                         {"digest", "of the linux/amd64 manifest"},
                         {"indexDigest", "of the index that led to it, or null"}};
  command.exit_codes = {Category::kImage, Category::kCredentials, Category::kNotFound,
                        Category::kNetwork};
  command.run = run_digest;
  return command;
}

}  // namespace ecloud::cli
