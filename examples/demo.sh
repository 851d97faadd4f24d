#!/usr/bin/env bash
# Deploys examples/hello to a platform on this machine and looks at what came of it. Everything that it
# writes stands in a temporary folder, and the platform is stopped at the end.
set -euo pipefail
ecloud=$(realpath "${1:-ecloud}")
cd "$(dirname "${BASH_SOURCE[0]}")/hello"

home=$(mktemp -d)
export XDG_STATE_HOME=$home/state XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache
export ECLOUD_ENV=devnet
trap '"$ecloud" devnet down >/dev/null 2>&1 || true; rm -rf "$home"' EXIT

run() {
  printf '\n$ ecloud %s\n' "$*"
  "$ecloud" "$@"
}

run version
run devnet up --detach
image=$("$ecloud" devnet up --fields registry 2>/dev/null)/sample/hello:1.0
# The first of the well-known accounts of development chains.
export ECLOUD_PRIVATE_KEY=0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80

run auth whoami
run compute app deploy --image-ref "$image" --dry-run
run compute app deploy --image-ref "$image"
run compute app list
run compute app info hello
run compute app verify hello
run compute app logs hello
printf '\nWhat the TEE receives:'
run devnet env hello
printf '\nThe demo is over; the platform is stopped and its folder removed.\n'
