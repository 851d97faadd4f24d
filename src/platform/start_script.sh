#!/bin/sh
# Starts an app inside its TEE: asks the KMS for the app's variables, gets the certificate when TLS
# is on, and becomes the app's own command, run by the user that the image names.
#
# For any /bin/sh, also of an image that has nothing but busybox. All names begin with __ecloud_ and
# none is exported, so that the app sees its own variables alone.
set -eu

__ecloud_kms_url=@KMS_SERVER_URL@
__ecloud_user_api_url=@USER_API_URL@
__ecloud_bin=/usr/local/bin
__ecloud_caddyfile=/etc/caddy/Caddyfile
__ecloud_env_file=/tmp/.env
__ecloud_system_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

__ecloud_fail() {
  printf 'ecloud: %s\n' "$1" >&2
  exit 1
}

# Prints where the program $1 is, also when the image's PATH leaves out the system's folders; its
# name alone when the shell has it built in, as a busybox can.
__ecloud_find() {
  __ecloud_folders=${PATH-}:$__ecloud_system_path:
  while [ -n "$__ecloud_folders" ]; do
    __ecloud_file=${__ecloud_folders%%:*}/$1
    __ecloud_folders=${__ecloud_folders#*:}
    case $__ecloud_file in /*/*) ;; *) continue ;; esac
    if [ -f "$__ecloud_file" ] && [ -x "$__ecloud_file" ]; then
      printf '%s\n' "$__ecloud_file"
      return 0
    fi
  done
  PATH=/nonexistent command -v "$1"
}

# ---- the variables ----

# Emptied when there is no rm that removes it.
__ecloud_forget() {
  "$__ecloud_rm" -f "$__ecloud_env_file" || :
  [ ! -e "$__ecloud_env_file" ] || : >"$__ecloud_env_file" || :
}

__ecloud_ended() {
  __ecloud_status=$?
  trap - EXIT HUP INT TERM
  __ecloud_forget
  [ -z "${__ecloud_sourcing-}" ] || __ecloud_fail "the shell cannot read the app's variables: \
a name or value has a quote, dollar, backquote or backslash that it does not take"
  exit "$__ecloud_status"
}

__ecloud_fetch_variables() {
  [ -d /tmp ] || { mkdir /tmp && chmod 1777 /tmp; } || __ecloud_fail "/tmp cannot be made"
  __ecloud_forget
  __ecloud_umask=$(umask)
  umask 077
  "$__ecloud_bin/kms-client" --kms-server-url "$__ecloud_kms_url" \
    --kms-signing-key-file "$__ecloud_bin/kms-signing-public-key.pem" \
    --userapi-url "$__ecloud_user_api_url" --output "$__ecloud_env_file" ||
    __ecloud_fail "kms-client could not get the app's variables from the KMS"
  umask "$__ecloud_umask"
  [ -f "$__ecloud_env_file" ] || __ecloud_fail "kms-client wrote no $__ecloud_env_file"
}

# ---- TLS ----

__ecloud_start_tls() {
  case ${DOMAIN-} in
    '' | localhost) __ecloud_fail "the image serves TLS: set DOMAIN to the app's domain name" ;;
  esac
  [ -n "${MNEMONIC-}" ] || __ecloud_fail "the image serves TLS, and there is no MNEMONIC"
  set -- -challenge "${ACME_CHALLENGE:-http-01}"
  [ "${ACME_STAGING-}" != true ] || set -- "$@" -staging
  MNEMONIC=$MNEMONIC DOMAIN=$DOMAIN API_URL=$__ecloud_user_api_url \
    "$__ecloud_bin/tls-keygen" "$@" ||
    __ecloud_fail "tls-keygen could not get a certificate for $DOMAIN"

  __ecloud_said=$("$__ecloud_bin/caddy" validate --config "$__ecloud_caddyfile" 2>&1) || {
    printf '%s\n' "$__ecloud_said" >&2
    __ecloud_fail "caddy does not accept $__ecloud_caddyfile"
  }
  set -- start --config "$__ecloud_caddyfile"
  if [ "${ENABLE_CADDY_LOGS-}" = true ]; then
    "$__ecloud_bin/caddy" "$@" || __ecloud_fail "caddy did not start"
  else
    "$__ecloud_bin/caddy" "$@" >/dev/null 2>&1 ||
      __ecloud_fail "caddy did not start; ENABLE_CADDY_LOGS=true shows why"
  fi
}

# ---- the user ----

# Sets __ecloud_number to $1 without zeros in front, or fails when it is no number.
__ecloud_read_number() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  __ecloud_number=$1
  while :; do
    case $__ecloud_number in 0?*) __ecloud_number=${__ecloud_number#0} ;; *) break ;; esac
  done
  if [ "${#__ecloud_number}" -gt 10 ] || [ "$__ecloud_number" -gt 2147483647 ]; then
    __ecloud_fail "the image is to run as $__ecloud_user, and $1 is too large for an id"
  fi
}

# The first line of /etc/passwd with the name or uid $1: sets name, uid, gid and home.
__ecloud_look_up_user() {
  __ecloud_number=
  __ecloud_read_number "$1" || :
  [ -r /etc/passwd ] || return 1
  while IFS=: read -r __ecloud_f1 __ecloud_f2 __ecloud_f3 __ecloud_f4 __ecloud_f5 __ecloud_f6 \
    __ecloud_f7 || [ -n "$__ecloud_f1" ]; do
    case $__ecloud_f3 in '' | *[!0-9]*) continue ;; esac
    case $__ecloud_f4 in '' | *[!0-9]*) continue ;; esac
    if [ -n "$__ecloud_number" ]; then
      [ "$__ecloud_f3" = "$__ecloud_number" ] || continue
    else
      [ "$__ecloud_f1" = "$1" ] || continue
    fi
    __ecloud_name=$__ecloud_f1 __ecloud_uid=$__ecloud_f3 __ecloud_gid=$__ecloud_f4
    __ecloud_home=${__ecloud_f6:-/}
    return 0
  done </etc/passwd
  return 1
}

# The gid of the group $1, a name or a gid.
__ecloud_look_up_group() {
  if __ecloud_read_number "$1"; then
    __ecloud_gid=$__ecloud_number
    return 0
  fi
  [ -r /etc/group ] || return 1
  while IFS=: read -r __ecloud_f1 __ecloud_f2 __ecloud_f3 __ecloud_f4 || [ -n "$__ecloud_f1" ]; do
    [ "$__ecloud_f1" = "$1" ] || continue
    case $__ecloud_f3 in '' | *[!0-9]*) continue ;; esac
    __ecloud_gid=$__ecloud_f3
    return 0
  done </etc/group
  return 1
}

# Adds the groups that have the user as a member.
__ecloud_add_groups() {
  [ -r /etc/group ] || return 0
  while IFS=: read -r __ecloud_f1 __ecloud_f2 __ecloud_f3 __ecloud_f4 || [ -n "$__ecloud_f1" ]; do
    case $__ecloud_f3 in '' | *[!0-9]*) continue ;; esac
    case ",$__ecloud_f4," in *",$__ecloud_name,"*) ;; *) continue ;; esac
    case ",$__ecloud_groups," in *",$__ecloud_f3,"*) continue ;; esac
    __ecloud_groups=$__ecloud_groups,$__ecloud_f3
  done </etc/group
}

# Reads $__ecloud_user as docker reads the USER of an image.
__ecloud_read_user() {
  __ecloud_name='' __ecloud_uid=0 __ecloud_gid=0 __ecloud_home=/ __ecloud_group=''
  case $__ecloud_user in *:*) __ecloud_group=${__ecloud_user#*:} ;; esac
  __ecloud_wanted=${__ecloud_user%%:*}
  if ! __ecloud_look_up_user "${__ecloud_wanted:-0}"; then
    [ -n "$__ecloud_number" ] ||
      __ecloud_fail "the image is to run as $__ecloud_user, and /etc/passwd has no such user"
    __ecloud_uid=$__ecloud_number
  fi
  if [ -n "$__ecloud_group" ]; then
    __ecloud_look_up_group "$__ecloud_group" ||
      __ecloud_fail "the image is to run as $__ecloud_user, and /etc/group has no such group"
  fi
  __ecloud_groups=$__ecloud_gid
  [ -n "$__ecloud_group" ] || [ -z "$__ecloud_name" ] || __ecloud_add_groups
}

# Whether the program's own look-up of the name gives the groups that are wanted.
__ecloud_by_name() { [ -z "$__ecloud_group" ] && [ -n "$__ecloud_name" ]; }

# Whether the way $1 can give the user all of the groups.
__ecloud_suits() {
  case $1 in
    setpriv | chroot | su) ;;
    su-exec | gosu) __ecloud_by_name || [ "$__ecloud_groups" = "$__ecloud_gid" ] ;;
    *) [ "$__ecloud_groups" = "$__ecloud_gid" ] ;;
  esac
}

# su knows users by their names alone, so one without a name is given one.
__ecloud_name_for_su() {
  __ecloud_by_name && return 0
  __ecloud_name=ecloud-$__ecloud_uid-$__ecloud_gid
  __ecloud_line="$__ecloud_name:*:$__ecloud_uid:$__ecloud_gid::$__ecloud_home:/bin/sh"
  if [ -r /etc/passwd ]; then
    while IFS=: read -r __ecloud_f1 __ecloud_f2; do
      [ "$__ecloud_f1" != "$__ecloud_name" ] || return 0
    done </etc/passwd
    # The last line has no end.
    [ -z "$__ecloud_f1" ] || __ecloud_line="
$__ecloud_line"
  fi
  { printf '%s\n' "$__ecloud_line" >>/etc/passwd; } 2>/dev/null
}

# __ecloud_become WAY PROGRAM COMMAND…: replaces this shell by the command, run by the user.
# shellcheck disable=SC2016 # the last one is for the shell that su starts
__ecloud_become() {
  __ecloud_way=$1 __ecloud_program=$2
  shift 2
  __ecloud_ids=$__ecloud_uid:$__ecloud_gid
  case $__ecloud_way in
    setpriv)
      exec "$__ecloud_program" --reuid "$__ecloud_uid" --regid "$__ecloud_gid" \
        --groups "$__ecloud_groups" -- "$@"
      ;;
    su-exec | gosu)
      if __ecloud_by_name; then __ecloud_ids=$__ecloud_name; fi
      exec "$__ecloud_program" "$__ecloud_ids" "$@"
      ;;
    chroot)
      exec "$__ecloud_program" "--userspec=+$__ecloud_uid:+$__ecloud_gid" \
        "--groups=$__ecloud_groups" --skip-chdir / "$@"
      ;;
    chpst) exec "$__ecloud_program" -u "$__ecloud_ids" "$@" ;;
    setuidgid) exec "$__ecloud_program" "$__ecloud_ids" "$@" ;;
    su) exec "$__ecloud_program" -m -s /bin/sh -c 'exec "$@"' -- "$__ecloud_name" sh "$@" ;;
  esac
}

# What a way has to run in order to be taken: looks that user and group are those that are wanted.
# shellcheck disable=SC2016 # for the shell that runs it
__ecloud_probe='
[ -r /proc/self/status ] || exit 0
while read -r key real effective rest; do
  case $key in
    Uid:) [ "$real $effective" = "$1 $1" ] || exit 1 ;;
    Gid:) [ "$real $effective" = "$2 $2" ] || exit 1 ;;
  esac
done </proc/self/status'

# Sets __ecloud_chosen and __ecloud_chosen_program to the first way that works in this image.
__ecloud_choose_way() {
  for __ecloud_chosen in setpriv su-exec gosu chroot chpst setuidgid su; do
    __ecloud_suits "$__ecloud_chosen" || continue
    __ecloud_chosen_program=$(__ecloud_find "$__ecloud_chosen") || continue
    [ "$__ecloud_chosen" != su ] || __ecloud_name_for_su || continue
    if (__ecloud_become "$__ecloud_chosen" "$__ecloud_chosen_program" /bin/sh -c "$__ecloud_probe" \
      sh "$__ecloud_uid" "$__ecloud_gid") </dev/null >/dev/null 2>&1; then
      return 0
    fi
  done
  __ecloud_fail "the image is to run as $__ecloud_user, and has none of setpriv, su-exec, gosu, \
chroot of coreutils, chpst, setuidgid and su that does it"
}

# ---- all of it ----

[ $# -gt 0 ] || __ecloud_fail "the image names no command"

# Before the variables are there, which may change PATH and IFS.
__ecloud_chosen=
__ecloud_user=${__ECLOUD_ORIGINAL_USER-}
if [ -n "$__ecloud_user" ]; then
  __ecloud_read_user
  [ "$__ecloud_uid:$__ecloud_gid" = 0:0 ] || __ecloud_choose_way
fi
__ecloud_rm=$(__ecloud_find rm) || __ecloud_rm=:

trap __ecloud_ended EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
__ecloud_fetch_variables
__ecloud_sourcing=yes
set +u
set -a
# shellcheck source=/dev/null
. "$__ecloud_env_file"
set +a
set -u
__ecloud_sourcing=
__ecloud_forget
trap - EXIT HUP INT TERM
unset __ECLOUD_ORIGINAL_USER

if [ -e "$__ecloud_bin/tls-keygen" ]; then
  __ecloud_start_tls
fi

if [ -n "$__ecloud_chosen" ]; then
  if [ "${HOME:-/root}" = /root ]; then
    export HOME="$__ecloud_home"
  fi
  __ecloud_become "$__ecloud_chosen" "$__ecloud_chosen_program" "$@"
fi
exec "$@"
