#include "cli/folder_image.h"

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/oci/credentials.h"

namespace ecloud::cli {
namespace {

constexpr char kDockerfile[] = "Dockerfile";
constexpr char kFourWays[] =
    "give --image-ref NAME:TAG with --dockerfile FILE (where to push what is built), --image-ref "
    "REF of an image that is there, --image-archive FILE, or --verifiable --repo URL --commit SHA";

bool is_file(const std::filesystem::path& path) {
  std::error_code unknown;
  return std::filesystem::is_regular_file(path, unknown);
}

/// The user of the login at Docker Hub; a login that cannot be read is none.
std::optional<std::string> docker_user(Context& context) {
  try {
    const auto found = oci::DockerConfigCredentials(context.env()).find("docker.io");
    if (found && !found->username.empty()) return found->username;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
  }
  return std::nullopt;
}

/// What a repository's name may hold, of a name for people.
std::string repository_name(std::string_view name) {
  std::string out;
  for (const char c : base::to_lower(name)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "app" : out;
}

}  // namespace

Option no_build_option() {
  return {.name = "no-build",
          .kind = Kind::kFlag,
          .help = "Do not build the folder's Dockerfile when no image is named",
          .heading = "IMAGE OPTIONS"};
}

bool has_dockerfile(Context& context) {
  return is_file(context.absolute(kDockerfile));
}

bool names_folder(std::string_view image) {
  return image == "." || image == ".." || image.starts_with("./") || image.starts_with("../") ||
         image.starts_with("/");
}

std::optional<FolderImage> find_folder_image(Context& context, const Values& values,
                                             const std::optional<std::string>& image,
                                             std::string_view what) {
  const bool named = image && names_folder(*image);
  if (image && !named) return std::nullopt;
  const std::filesystem::path folder = context.absolute(named ? *image : ".").lexically_normal();
  FolderImage out{folder / kDockerfile, folder};
  if (named) {
    if (is_file(out.dockerfile)) return out;
    throw Error(Category::kUsage, "image.no_dockerfile",
                *image + " is a folder without a Dockerfile, and no image", kFourWays);
  }
  for (const char* source : {"dockerfile", "image-archive", "no-build"}) {
    if (values.given(source)) return std::nullopt;
  }
  if (!is_file(out.dockerfile)) return std::nullopt;
  if (context.terminal().can_prompt() && !values.flag("yes")) {
    const std::string question =
        "Build the Dockerfile of this folder and " + std::string(what) + " it?";
    return context.terminal().agrees(question) ? std::optional(out) : std::nullopt;
  }
  context.terminal().note(
      "no image is named, so the Dockerfile of this folder is built; --no-build "
      "keeps it from that");
  return out;
}

std::string ask_for_target(Context& context, const Values& values, const FolderImage& folder,
                           std::string name) {
  if (name.empty()) name = folder.context.filename().string();
  if (name.empty()) name = folder.context.parent_path().filename().string();
  const auto user = docker_user(context);
  const std::string proposed =
      user ? "docker.io/" + *user + "/" + repository_name(name) + ":latest" : "";
  if (context.terminal().can_prompt()) {
    return context.terminal().ask("Where to push the image that is built (NAME:TAG)", proposed);
  }
  if (proposed.empty()) {
    throw Error(Category::kUsage, "image.no_target",
                "no image is named; the Dockerfile here can be built, but there is no login at "
                "Docker Hub that says where to push the image",
                std::string(kFourWays) + (values.command().name == "upgrade"
                                              ? ", or --no-build to keep the image that runs"
                                              : ""));
  }
  context.terminal().note("the image is pushed to " + proposed +
                          "; --image-ref gives another place");
  return proposed;
}

}  // namespace ecloud::cli
