#include "cli/error_catalogue.h"

namespace ecloud::cli {
namespace {

constexpr auto kUsage = Category::kUsage;
constexpr auto kImage = Category::kImage;

}  // namespace

std::vector<ErrorEntry> image_content_errors() {
  return {
      {"image.bad_archive",
       {kUsage, kImage},
       "A file or folder cannot be used as an image.",
       "It is something else than an image archive, is cut off, lacks a part, or holds several "
       "images and none was named.",
       "Make it with docker save, or with a build and --output type=oci; name one of several "
       "images behind the file: FILE#TAG."},
      {"image.bad_label",
       {Category::kUsage},
       "The launcher would refuse to start the app with the configured image labels.",
       "The environment's imageLabels has a value that the launcher does not know, or two labels "
       "that exclude each other.",
       "Correct imageLabels in config.yaml; `ecloud compute environment show` lists them."},
      {"image.bad_port",
       {kImage},
       "The launcher would refuse to start the app because of an exposed port.",
       "A key of the image's ExposedPorts is not PORT/tcp or PORT/udp: it lacks the protocol, is a "
       "range, or is not in lower case. Some builders other than Docker write such keys.",
       "Expose each port in the form 8080/tcp and build again."},
      {"image.broken_layer",
       {kImage},
       "A layer of the image cannot be read.",
       "It was cut off or changed on its way, or is neither a tar archive nor one compressed with "
       "gzip or zstd.",
       "Build the image anew, or push it again."},
      {"image.keep_label",
       {Category::kUsage},
       "A label of the base image cannot be kept.",
       "The image does not have it, the platform layer sets it itself, or the launcher would "
       "refuse "
       "to start the app with its value.",
       "Leave out --keep-label NAME, or build the image with another value. `ecloud image inspect` "
       "shows its labels."},
      {"image.layered",
       {kImage},
       "The image is layered already.",
       "Its entrypoint is the platform's start script, and it has the platform's labels or KMS "
       "client. Images of verifiable builds are like that.",
       "Deploy it as it is, or name the image that it was made from."},
      {"image.leak",
       {kImage},
       "The value of a private variable stands in what everybody can read.",
       "A file such as .env was copied into the image, a build argument held it, or a public "
       "variable has the same value.",
       "List the file in .dockerignore and build again, then change the value where it is used: "
       "who "
       "pulled the image has it. --allow-leak NAME goes on all the same."},
      {"image.partly_layered",
       {kImage},
       "The image has a part of the platform layer only.",
       "Its entrypoint is the platform's start script, and it has neither the platform's labels "
       "nor "
       "the KMS client that the script runs. Layered again, the script would start itself.",
       "Name the image that it was made from, or set ENTRYPOINT to the app's own program."},
      {"image.mixed_runtime",
       {kUsage},
       "KMS client and VM image are of different runtime generations.",
       "A label of the image chooses the VM image, whose launcher gives evidence to the clients of "
       "its own generation only: the app would get no variables and never start. Images that "
       "ecloud 0.1.0 layered are such a pair, as is an image whose labels or tools were set by "
       "hand.",
       "Layer the original image again. If the message names a setting, remove it: without it the "
       "client's bytes decide which label the image gets."},
      {"image.no_build",
       {Category::kNotFound},
       "No verifiable build of the environment shows which tools are current.",
       "Neither the builds of your account nor recent releases on chain have a provenance that can "
       "be used, or the node gave no events.",
       "Name an app, an image or a build that the platform has built for this environment: `ecloud "
       "image tools --from REF`."},
      {"image.no_command",
       {kImage},
       "The image says nothing to run.",
       "Its Dockerfile has neither ENTRYPOINT nor CMD.",
       "Add a line such as CMD [\"/app/server\"] and build again."},
      {"image.no_dockerfile",
       {kUsage},
       "A folder was named as the image, and it has no Dockerfile.",
       "A word that begins with ./, ../ or / is a folder whose Dockerfile is built.",
       "Name a folder with a Dockerfile, or an image: --image-ref REF."},
      {"image.no_shell",
       {kImage},
       "The image has no /bin/sh.",
       "It is made from scratch or a distroless base; the script that starts an app in the TEE "
       "needs a shell.",
       "Build it on a base with one, such as alpine or debian:bookworm-slim."},
      {"image.no_target",
       {kUsage},
       "The folder's Dockerfile can be built, and nothing says where to push the image.",
       "No image is named, and there is no login at Docker Hub that a name could be made from.",
       "Give --image-ref NAME:TAG with --dockerfile FILE, or an image that is there (--image-ref, "
       "--image-archive, --verifiable); with upgrade --no-build keeps the image that runs."},
      {"image.no_tools",
       {kImage},
       "The programs that go into every layered image cannot be found.",
       "The environment names no image that holds them, or the one of --tools-ref lacks one.",
       "Name an image that has kms-client (with TLS also tls-client and caddy) under /eigen/bin: "
       "--tools-ref REF."},
      {"image.old_runtime",
       {kUsage},
       "The KMS client or the image is of a generation that the platform no longer serves.",
       "The platform replaced its VM images in April 2026, and the client that ecloud pins by "
       "default cannot get variables on the new ones. Which client is current is not published; "
       "it is in the provenance of every verifiable build.",
       "Find and pin the current tools with `ecloud image tools --pin`, then layer the original "
       "image again. --allow-old-runtime continues regardless; the app will not start."},
      {"image.other_tools",
       {Category::kVerification},
       "A digest on the command line is not that of a tool that was found.",
       "The platform has replaced its tools since you copied the digest, or the build that was "
       "found was made with others.",
       "Compare it with the output of `ecloud image tools`, then pin the digest that you trust."},
      {"image.pin_without_digest",
       {kUsage},
       "Pinning tools takes their digests, unless you confirm them at a prompt.",
       "Anyone can put an image into the repository of the tools through a build. Without a "
       "prompt, "
       "or with --yes, the digests must be on the command line, kms-client's among them.",
       "Run `ecloud image tools`, compare the digests with a source that you trust, then run "
       "`ecloud "
       "image tools --pin sha256:… --yes`."},
      {"image.too_large",
       {kImage},
       "Something in the image is larger than can be handled.",
       "A layer that grows beyond all measure when it is decompressed, or a file of 8 GiB.",
       "Check what built the image; fetch large data when the app starts."},
      {"image.too_many_layers",
       {kImage},
       "The image has as many layers as container runtimes take.",
       "One more, for the platform's programs, cannot be added.",
       "Build it with fewer: join RUN lines, or squash the image."},
      {"image.unknown_runtime",
       {kImage},
       "The KMS client does not show which VM image it needs.",
       "Its bytes hold the path of no known evidence, or of both kinds. It is newer than this "
       "program, or it is not a KMS client of the platform.",
       "Compare it with what `ecloud image tools` finds, or update ecloud."},
      {"image.unsafe_path",
       {kImage},
       "An archive holds a path that leads out of it, or that cannot be written.",
       "It was made to write to other places when unpacked, or the path is too long.",
       "Do not use an image from a source that you do not trust."},
  };
}

}  // namespace ecloud::cli
