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
      {"image.keep_label",
       {Category::kUsage},
       "A label of the base image cannot be kept.",
       "The image does not have it, the platform layer sets it itself, or the launcher would "
       "refuse "
       "to start the app with its value.",
       "Leave out --keep-label NAME, or build the image with another value. `ecloud image inspect` "
       "shows its labels."},
      {"image.no_command",
       {kImage},
       "The image says nothing to run.",
       "Its Dockerfile has neither ENTRYPOINT nor CMD.",
       "Add a line such as CMD [\"/app/server\"] and build again."},
      {"image.no_shell",
       {kImage},
       "The image has no /bin/sh.",
       "It is made from scratch or a distroless base; the script that starts an app in the TEE "
       "needs a shell.",
       "Build it on a base with one, such as alpine or debian:bookworm-slim."},
      {"image.no_tools",
       {kImage},
       "The programs that go into every layered image cannot be found.",
       "The environment names no image that holds them, or the one of --tools-ref lacks one.",
       "Name an image that has kms-client (with TLS also tls-client and caddy) under /eigen/bin: "
       "--tools-ref REF."},
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
      {"image.unsafe_path",
       {kImage},
       "An archive holds a path that leads out of it, or that cannot be written.",
       "It was made to write to other places when unpacked, or the path is too long.",
       "Do not use an image from somebody whom you do not trust."},
  };
}

}  // namespace ecloud::cli
