#!/usr/bin/env bash
# deploy.sh ECLOUD: the life of an app on a local platform, every command of it under valgrind's
# memcheck. An error or a leak (definite or indirect) ends it with status 1 and valgrind's report.
set -euo pipefail
ecloud=$(realpath "$1")
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

home=$(mktemp -d)
export XDG_STATE_HOME=$home/state XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache
export HOME=$home ECLOUD_ENV=devnet
trap '"$ecloud" devnet down >/dev/null 2>&1 || true; rm -rf "$home"' EXIT
cd "$here/../../examples/hello"

"$ecloud" devnet up --detach >"$home/up" 2>&1 || { cat "$home/up"; exit 1; }
image=$("$ecloud" devnet up --fields registry 2>/dev/null)/sample/hello:1.0
# The first of the well-known accounts of development chains.
export ECLOUD_PRIVATE_KEY=0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80

commands=0
check() {
  commands=$((commands + 1))
  local status=0
  valgrind --error-exitcode=99 --leak-check=full \
    --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect \
    --num-callers=30 --log-file="$home/valgrind" \
    "$ecloud" "$@" >"$home/out" 2>&1 || status=$?
  printf '%-72s %s\n' "ecloud ${*//${image%%/*}/REGISTRY}" "$(sed -n 's/.*ERROR SUMMARY: //p' "$home/valgrind")"
  if [ "$status" != 0 ]; then
    cat "$home/out" "$home/valgrind"
    exit 1
  fi
}

check compute app deploy --image-ref "$image" --dry-run
check compute app deploy --image-ref "$image"
check compute app list
check compute app info hello
check compute app logs hello
check compute app upgrade hello --image-ref "${image%/*}/layered:1.0"
check compute app stop hello
check compute app start hello
check compute app wallet show hello
check compute app wallet export hello --out "$home/wallet"
check image layer "$image" --dry-run
check compute app terminate hello --yes
printf '%s commands under valgrind: no errors, no leaks\n' "$commands"
