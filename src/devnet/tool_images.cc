#include "devnet/sample_image.h"

namespace ecloud::devnet {
namespace {

constexpr char kKmsClient[] = R"(#!/bin/sh
# The devnet's stand-in for the platform's kms-client: writes a fixed environment.
set -eu
output=
while [ $# -gt 0 ]; do
  case "$1" in
    --kms-server-url | --kms-signing-key-file | --userapi-url | --output)
      if [ $# -lt 2 ]; then
        echo "kms-client: $1 needs a value" >&2
        exit 2
      fi
      if [ "$1" = --output ]; then output=$2; fi
      shift 2
      ;;
    *)
      echo "kms-client: unknown option $1" >&2
      exit 2
      ;;
  esac
done
if [ -z "$output" ]; then
  echo "kms-client: --output is missing" >&2
  exit 2
fi
umask 077
printf 'export ECLOUD_DEVNET="1"\n' > "$output"
)";
constexpr char kNoTool[] = "#!/bin/sh\n# The devnet's stand-in: does nothing.\nexit 0\n";

}  // namespace

ImageRecipe kms_client_recipe() {
  ImageRecipe recipe;
  recipe.files = {{"eigen/bin/kms-client", 0755, kKmsClient}};
  return recipe;
}

ImageRecipe tls_client_recipe() {
  ImageRecipe recipe;
  recipe.files = {{"eigen/bin/tls-keygen", 0755, kNoTool}, {"eigen/bin/caddy", 0755, kNoTool}};
  return recipe;
}

}  // namespace ecloud::devnet
