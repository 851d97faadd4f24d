// Stand-ins for the platform's tool images: shell scripts with the programs' options, messages and
// exit statuses.
//
// The launcher's socket is a folder here: where a KMS client of the platform sends a request to the
// path /v1/…, the stand-in reads the file at that path below /run/container_launcher, which the
// devnet's launcher fills for images of the right generation only. So a mixed pair gets no
// variables, for the same reason and with the same message as on the platform.
#include "devnet/sample_image.h"

#include <string_view>

namespace ecloud::devnet {
namespace {

/// A certificate that nobody has the key of; programs only need to find one.
constexpr char kCaBundle[] = R"(-----BEGIN CERTIFICATE-----
MIIBjDCCATOgAwIBAgIUbvJ6hPJt2vIoY8mlU8AgEcFVG9EwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQZWNsb3VkIGRldm5ldCBDQTAgFw0yNjExMzAxNDE1MDBaGA8y
MTI2MTEwNjE0MTUwMFowGzEZMBcGA1UEAwwQZWNsb3VkIGRldm5ldCBDQTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABN84YJ0fw5TUQn73KIY21Rw0Che9fs3mfaMR
0SeMXSdfLHXJrW1GtQF5PYzj86G4AnJtUAAGHmARFn7m0WY9eSOjUzBRMB0GA1Ud
DgQWBBSsta80Aq9JWev2tsr5H1D1MCwtJTAfBgNVHSMEGDAWgBSsta80Aq9JWev2
tsr5H1D1MCwtJTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIDX5
ffCNvH/D5ly5GI0WywyCQE8nHocVXa17XBFR+iBjAiA786gKBbYeV3QDq4oAdrz2
HjhXHgtU6E/tZB+aLsvFQg==
-----END CERTIFICATE-----
)";

/// Runs with the shell's builtins only, as the platform's program needs nothing of the image.
constexpr char kKmsClient[] = R"sh(#!/bin/sh
# The devnet's stand-in for the platform's kms-client.
set -u
evidence=/run/container_launcher@EVIDENCE_PATH@
server=${KMS_SERVER_URL-} key=${KMS_SIGNING_KEY_FILE-} api=${USERAPI_URL-} output=

usage() {
  echo "kms-client: $1" >&2
  exit 2
}
fail() {
  echo "kms-client: $1"
  exit 1
}

while [ $# -gt 0 ]; do
  option=$1
  case $option in
    --*=*)
      value=${option#*=}
      option=${option%%=*}
      shift
      ;;
    --*)
      [ $# -ge 2 ] || usage "$option needs a value"
      value=$2
      shift 2
      ;;
    *) usage "unexpected argument $option" ;;
  esac
  case $option in
    --kms-server-url) server=$value ;;
    --kms-signing-key-file) key=$value ;;
    --userapi-url) api=$value ;;
    --output) output=$value ;;
    --log-level) ;;
    *) usage "unknown option $option" ;;
  esac
done
[ -n "$output" ] || usage "--output is missing"
[ -n "$server" ] || usage "--kms-server-url is missing"
[ -n "$key" ] || usage "--kms-signing-key-file is missing"
[ -n "$api" ] || usage "--userapi-url is missing"
[ -r "$key" ] || fail "cannot read the signing key $key"
first=
read -r first <"$key" || :
[ "$first" = "-----BEGIN PUBLIC KEY-----" ] || fail "$key is not a PEM public key"
[ -r "$evidence" ] || fail "@NO_EVIDENCE@"
umask 077
while IFS= read -r line || [ -n "$line" ]; do
  printf '%s\n' "$line"
done <"$evidence" >"$output" || fail "cannot write $output"
[ -r "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" ] ||
  echo "kms-client: warning: the attestation was not uploaded: x509: certificate signed by unknown authority"
echo "kms-client: environment written to $output"
)sh";

/// What the launcher of the other generation answers.
constexpr char kNoIntelToken[] =
    "HTTP 500: no ITA verifier client present - ensure ITA Region and Key are defined in metadata";
constexpr char kNoBoundEvidence[] = "HTTP 404: 404 page not found";

constexpr char kTlsClient[] = R"sh(#!/bin/sh
# The devnet's stand-in for the platform's @NAME@: writes a pair that serves nobody.
set -u
domain=${DOMAIN-} challenge=${ACME_CHALLENGE:-http-01} api=${API_URL-}

usage() {
  echo "@NAME@: $1" >&2
  exit 2
}
fail() {
  echo "@NAME@: $1" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  option=$1
  case $option in
    --*) option=${option#--} ;;
    -*) option=${option#-} ;;
    *) usage "unexpected argument $option" ;;
  esac
  shift
  case $option in
    staging | force | staging=* | force=*) continue ;;
    *=*)
      value=${option#*=}
      option=${option%%=*}
      ;;
    *)
      [ $# -ge 1 ] || usage "flag needs an argument: -$option"
      value=$1
      shift
      ;;
  esac
  case $option in
    domain) domain=$value ;;
    challenge) challenge=$value ;;
    api-url) api=$value ;;
    email | ca | timeout | renewal-window | version | alt-names | token-audience) ;;
    *) usage "flag provided but not defined: -$option" ;;
  esac
done
case $domain in
  '') fail "a domain is required" ;;
  localhost) fail "localhost cannot have a certificate" ;;
  *.invalid) fail "acme: rejectedIdentifier: $domain does not end with a public suffix" ;;
esac
case $challenge in
  http-01 | tls-alpn-01) ;;
  *) fail "unknown challenge $challenge" ;;
esac
[ -n "$api" ] || fail "API_URL is required"
[ -n "${MNEMONIC-}" ] || fail "MNEMONIC is required"
[ -d /run/tls ] || mkdir -p /run/tls || fail "cannot create /run/tls"
umask 077
printf '%s\n' "-----BEGIN CERTIFICATE-----" "$domain" "-----END CERTIFICATE-----" \
  >/run/tls/fullchain.pem || fail "cannot write /run/tls/fullchain.pem"
printf '%s\n' "-----BEGIN PRIVATE KEY-----" "$domain" "-----END PRIVATE KEY-----" \
  >/run/tls/privkey.pem || fail "cannot write /run/tls/privkey.pem"
)sh";

constexpr char kCaddy[] = R"sh(#!/bin/sh
# The devnet's stand-in for Caddy: reads a Caddyfile, and serves nothing.
set -uf

fail() {
  echo "Error: $1" >&2
  exit 1
}

[ $# -gt 0 ] || fail "no command"
command=$1
shift
config=Caddyfile adapter=
while [ $# -gt 0 ]; do
  case $1 in
    --config | --adapter | -c | -a)
      [ $# -ge 2 ] || fail "flag needs an argument: $1"
      case $1 in
        --config | -c) config=$2 ;;
        *) adapter=$2 ;;
      esac
      shift
      ;;
    --config=*) config=${1#*=} ;;
    --adapter=*) adapter=${1#*=} ;;
    *) fail "unknown flag: $1" ;;
  esac
  shift
done
case $command in
  validate | start | run) ;;
  stop) exit 0 ;;
  version)
    echo "v2.10.2 (devnet)"
    exit 0
    ;;
  *) fail "unknown command \"$command\"" ;;
esac
[ -r "$config" ] || fail "reading config from file: open $config: no such file or directory"
case ${adapter:-caddyfile} in
  caddyfile) ;;
  *) fail "unrecognized config adapter: $adapter" ;;
esac

depth=0
number=0
brace='[{}]*'
while IFS= read -r line || [ -n "$line" ]; do
  number=$((number + 1))
  line=${line%%"#"*}
  # The files that a site names are loaded when the configuration is.
  # shellcheck disable=SC2086 # its words
  set -- $line
  case ${1-}:${2-} in
    tls:/*)
      for file in "$2" "${3-}"; do
        [ -r "$file" ] || fail "loading certificates: open $file: no such file or directory"
      done
      ;;
  esac
  rest=$line
  while :; do
    before=${rest%%$brace}
    [ "$before" != "$rest" ] || break
    rest=${rest#"$before"}
    case $rest in
      "{"*) depth=$((depth + 1)) ;;
      *) depth=$((depth - 1)) ;;
    esac
    [ "$depth" -ge 0 ] ||
      fail "adapting config using caddyfile: $config:$number: unexpected '}'"
    rest=${rest#?}
  done
done <"$config"
[ "$depth" -eq 0 ] || fail "adapting config using caddyfile: $config:$number: unexpected EOF"
case $command in
  validate) echo "Valid configuration" ;;
  *) echo "Successfully started Caddy (pid=1) - Caddy is running in the background" ;;
esac
)sh";

std::string replaced(std::string text, std::string_view placeholder, std::string_view value) {
  for (std::size_t at = text.find(placeholder); at != std::string::npos;
       at = text.find(placeholder, at + value.size())) {
    text.replace(at, placeholder.size(), value);
  }
  return text;
}

ImageRecipe tool_recipe(std::string path, std::string program) {
  ImageRecipe recipe;
  recipe.files = {{std::move(path), 0755, std::move(program)},
                  {"etc/ssl/certs/ca-certificates.crt", 0644, kCaBundle}};
  return recipe;
}

}  // namespace

std::string kms_client_program(platform::RuntimeGeneration generation) {
  const bool intel = generation == platform::RuntimeGeneration::kIntelToken;
  return replaced(replaced(kKmsClient, "@EVIDENCE_PATH@", platform::evidence_path(generation)),
                  "@NO_EVIDENCE@", intel ? kNoIntelToken : kNoBoundEvidence);
}

std::string tls_client_program(std::string_view name) {
  return replaced(kTlsClient, "@NAME@", name);
}

std::string caddy_program() {
  return kCaddy;
}

std::string ca_bundle() {
  return kCaBundle;
}

ImageRecipe kms_client_recipe(platform::RuntimeGeneration generation) {
  return tool_recipe("eigen/bin/kms-client", kms_client_program(generation));
}

ImageRecipe tls_client_recipe(std::string_view name) {
  return tool_recipe("eigen/bin/" + std::string(name), tls_client_program(name));
}

ImageRecipe caddy_recipe() {
  return tool_recipe("usr/bin/caddy", caddy_program());
}

}  // namespace ecloud::devnet
