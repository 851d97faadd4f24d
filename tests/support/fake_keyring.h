#pragma once

namespace ecloud::testing {

/// A secret-tool for a bin directory: its keyring is the folder "keyring" beside that, a file
/// SERVICE-USERNAME an entry.
constexpr char kFakeKeyring[] = R"(store=${0%/*}/../keyring; /bin/mkdir -p "$store"
name() { shift; while [ $# -gt 1 ]; do
  case $1 in service) s=$2;; username) u=$2;; account) [ -n "$u" ] || exit 1;; --*) shift; continue;; esac
  shift 2; done; echo "$s-$u"; }
case $1 in
lookup) n=$(name "$@") || exit 1; [ -f "$store/$n" ] || exit 1; /bin/cat "$store/$n";;
clear) n=$(name "$@") || exit 1; [ -f "$store/$n" ] || exit 1; /bin/rm "$store/$n";;
store) n=$(name "$@"); /bin/cat >"$store/$n";;
esac
)";

}  // namespace ecloud::testing
