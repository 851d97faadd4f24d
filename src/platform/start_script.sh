#!/bin/sh
# Starts an app inside its TEE: gets the app's variables from the KMS, sets up TLS when there is a
# name for it, and runs the app's command as the user that the image names. It stays the parent of
# that command, passes SIGTERM on to it, and ends with its status.
#
# Runs under any /bin/sh, also in an image that has only busybox. All names begin with __ecloud_ and
# none is exported, so the app sees only its own variables. Lines on stdout that begin with ECLOUD_
# are markers for the platform:
#   ECLOUD_READY runtime_bootstrapped   printed once, right before the command is started
#   ECLOUD_FAIL CODE                    printed once, before every exit 1 of this script
# The codes kms_bootstrap and tls_* are the platform's; command_missing and user_setup are ours.
#
# Every program that can take long runs in the background and is waited for: a trap does not run
# before a foreground program has ended, and without a handler the kernel drops SIGTERM for PID 1.

# shellcheck disable=SC2317 # trap and $__ecloud_prepare call functions by name
set -eu

__ecloud_kms_url=@KMS_SERVER_URL@
__ecloud_user_api_url=@USER_API_URL@
__ecloud_bin=/usr/local/bin
__ecloud_caddyfile=/etc/caddy/Caddyfile
__ecloud_ca_bundle=/usr/local/share/eigenx-ca-certs.crt
__ecloud_tls=/run/tls
__ecloud_env_file=/tmp/.env
__ecloud_system_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# __ecloud_fail CODE MESSAGE
__ecloud_fail() {
  trap - EXIT
  __ecloud_forget
  printf 'ecloud: %s\n' "$2" >&2 || :
  printf 'ECLOUD_FAIL %s\n' "$1" || :
  exit 1
}

__ecloud_warn() { printf 'ecloud: warning: %s\n' "$1" >&2 || :; }

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

# Before the app's variables are read, which may change PATH.
__ecloud_find_programs() {
  __ecloud_rm=$(__ecloud_find rm) || __ecloud_rm=:
  __ecloud_sleep=$(__ecloud_find sleep) || __ecloud_sleep=
  __ecloud_mkdir=$(__ecloud_find mkdir) || __ecloud_mkdir=
  __ecloud_mv=$(__ecloud_find mv) || __ecloud_mv=
  __ecloud_ln=$(__ecloud_find ln) || __ecloud_ln=
  __ecloud_wget=$(__ecloud_find wget) || __ecloud_wget=
  __ecloud_curl=$(__ecloud_find curl) || __ecloud_curl=
  __ecloud_setsid=$(__ecloud_find setsid) || __ecloud_setsid=
  __ecloud_env=$(__ecloud_find env) || __ecloud_env=
}

# ---- signals and children ----

__ecloud_child=      # what SIGTERM is passed on to
__ecloud_child_is=   # "tool" or "app"
__ecloud_stopping=   # SIGTERM has come
__ecloud_passed_on=  # and the app has it
__ecloud_woken=      # SIGTERM came during the last wait
__ecloud_timer=
__ecloud_watcher=

# __ecloud_signal NAME PID: to the process group that PID leads, or to PID when it leads none.
__ecloud_signal() {
  kill "-$1" "-$2" 2>/dev/null || kill "-$1" "$2" 2>/dev/null || :
}

# The handler of SIGTERM, from the first line on. It may run between any two commands, also between
# the start of a child and the assignment of its ID: so both places pass the signal on. One signal is
# enough, and the handler ignores others while it runs: dash and busybox give the command that a
# second run of it interrupts the status 143, which would then be taken for that of the command.
__ecloud_terminate() {
  trap '' TERM
  __ecloud_stopping=yes
  __ecloud_woken=yes
  __ecloud_pass_on
  __ecloud_handle_term
}

__ecloud_handle_term() { trap '__ecloud_terminate || :' TERM; }

__ecloud_pass_on() {
  [ -n "$__ecloud_child" ] && [ -z "$__ecloud_passed_on" ] || return 0
  case $__ecloud_child_is in
    tool) kill -KILL "$__ecloud_child" 2>/dev/null || : ;;
    app)
      __ecloud_passed_on=yes
      __ecloud_signal TERM "$__ecloud_child"
      __ecloud_start_timer
      ;;
  esac
}

# __ecloud_nap SECONDS: for background shells whose handler of SIGTERM is __ecloud_end_nap, so that
# no sleep is left behind. SIGKILL, because a child that has not become sleep yet has the handler
# too.
__ecloud_nap() {
  "$__ecloud_sleep" "$1" &
  __ecloud_napping=$!
  [ -z "$__ecloud_over" ] || kill -KILL "$__ecloud_napping" 2>/dev/null || :
  wait "$__ecloud_napping" 2>/dev/null || :
  __ecloud_napping=
}

__ecloud_end_nap() {
  __ecloud_over=yes
  [ -z "$__ecloud_napping" ] || kill -KILL "$__ecloud_napping" 2>/dev/null || :
}

__ecloud_start_timer() {
  if [ -z "$__ecloud_sleep" ]; then
    __ecloud_warn "the image has no sleep: waiting for the app to stop without a time limit"
    return 0
  fi
  (
    __ecloud_over='' __ecloud_napping=''
    trap __ecloud_end_nap TERM
    __ecloud_nap @STOP_SECONDS@
    [ -n "$__ecloud_over" ] || __ecloud_signal KILL "$__ecloud_child"
  ) </dev/null >/dev/null 2>&1 &
  __ecloud_timer=$!
}

# Waits for the child and sets __ecloud_status. A wait that SIGTERM interrupts is repeated; when
# child and signal came together, the repeated one finds no child, and the status does not matter.
__ecloud_wait_for_child() {
  while :; do
    __ecloud_woken=
    __ecloud_status=0
    wait "$__ecloud_child" 2>/dev/null || __ecloud_status=$?
    [ -n "$__ecloud_woken" ] || return 0
  done
}

# __ecloud_run PROGRAM ARGUMENT…: its status. $__ecloud_prepare is run before it, in its process.
__ecloud_prepare=:
__ecloud_run() {
  (
    "$__ecloud_prepare"
    exec "$@"
  ) &
  __ecloud_child=$! __ecloud_child_is=tool
  [ -z "$__ecloud_stopping" ] || __ecloud_pass_on
  __ecloud_wait_for_child
  __ecloud_child=''
  __ecloud_stop_early
  return "$__ecloud_status"
}

# The programs that talk to others by HTTPS, and only they, get the CA bundle.
__ecloud_prepare_tool() {
  [ ! -r "$__ecloud_ca_bundle" ] || export SSL_CERT_FILE="$__ecloud_ca_bundle"
}
__ecloud_prepare_certifier() {
  __ecloud_prepare_tool
  export MNEMONIC DOMAIN="$__ecloud_cert_host" API_URL="$__ecloud_user_api_url"
}

__ecloud_pause() {
  [ -n "$__ecloud_sleep" ] || return 0
  __ecloud_run "$__ecloud_sleep" "$1" || :
}

# Ends with status 0 when SIGTERM has come: there is no app yet that it could be passed on to.
__ecloud_stop_early() {
  [ -n "$__ecloud_stopping" ] || return 0
  trap - EXIT
  __ecloud_forget
  exit 0
}

# ---- the variables ----

# Emptied when there is no rm that removes it.
__ecloud_forget() {
  "$__ecloud_rm" -f "$__ecloud_env_file" || :
  [ ! -e "$__ecloud_env_file" ] || : >"$__ecloud_env_file" || :
}

# For an end that nothing here asked for.
__ecloud_stage=kms_bootstrap
__ecloud_sourcing=
__ecloud_ended() {
  __ecloud_status=$?
  [ -z "$__ecloud_sourcing" ] || __ecloud_fail kms_bootstrap "the shell cannot read the app's \
variables: a name or value has a quote, dollar, backquote or backslash that it does not take"
  __ecloud_fail "$__ecloud_stage" "the start script ended unexpectedly, status $__ecloud_status"
}

__ecloud_fetch_variables() {
  [ -d /tmp ] || { "$__ecloud_mkdir" /tmp && chmod 1777 /tmp; } ||
    __ecloud_fail kms_bootstrap "cannot create /tmp"
  __ecloud_forget
  __ecloud_umask=$(umask)
  umask 077
  __ecloud_prepare=__ecloud_prepare_tool
  __ecloud_run "$__ecloud_bin/kms-client" --kms-server-url "$__ecloud_kms_url" \
    --kms-signing-key-file "$__ecloud_bin/kms-signing-public-key.pem" \
    --userapi-url "$__ecloud_user_api_url" --output "$__ecloud_env_file" ||
    __ecloud_fail kms_bootstrap "kms-client could not get the app's variables from the KMS"
  __ecloud_prepare=:
  umask "$__ecloud_umask"
  [ -f "$__ecloud_env_file" ] ||
    __ecloud_fail kms_bootstrap "kms-client did not write $__ecloud_env_file"
}

# ---- TLS ----

# Sets what TLS needs to know; fails when there is no TLS to set up.
__ecloud_wants_tls() {
  __ecloud_platform_host=${ECLOUD_PLATFORM_HOST-} __ecloud_domain=${DOMAIN-}
  [ "$__ecloud_platform_host" != localhost ] || __ecloud_platform_host=
  [ "$__ecloud_domain" != localhost ] || __ecloud_domain=
  [ "$__ecloud_domain" != "$__ecloud_platform_host" ] || __ecloud_domain=
  __ecloud_certifier=
  for __ecloud_file in tls-client tls-keygen; do
    [ -n "$__ecloud_certifier" ] || [ ! -e "$__ecloud_bin/$__ecloud_file" ] ||
      __ecloud_certifier=$__ecloud_file
  done
  if [ -z "$__ecloud_certifier" ]; then
    [ -z "$__ecloud_domain" ] ||
      __ecloud_warn "DOMAIN is set, but the image has no TLS programs: starting without TLS"
    return 1
  fi
  if [ -z "$__ecloud_platform_host$__ecloud_domain" ]; then
    __ecloud_warn "neither ECLOUD_PLATFORM_HOST nor DOMAIN names a host: starting without TLS"
    return 1
  fi
  if [ ! -f "$__ecloud_caddyfile" ]; then
    __ecloud_warn "the image has no $__ecloud_caddyfile: starting without TLS"
    return 1
  fi
}

# __ecloud_get_certificate NAME FOLDER: a few attempts, because the ACME server may be overloaded;
# not many, because it counts the failed ones (Let's Encrypt: 5 an hour for a name).
__ecloud_get_certificate() {
  __ecloud_cert_host=$1 __ecloud_attempt=1
  while :; do
    "$__ecloud_rm" -f "$__ecloud_tls/fullchain.pem" "$__ecloud_tls/privkey.pem"
    ! __ecloud_run_certifier || break
    [ "$__ecloud_attempt" -lt 3 ] ||
      __ecloud_fail tls_setup \
        "$__ecloud_certifier could not get a certificate for $__ecloud_cert_host"
    __ecloud_warn "$__ecloud_certifier got no certificate for $__ecloud_cert_host; trying again"
    __ecloud_attempt=$((__ecloud_attempt + 1))
    __ecloud_pause @RETRY_SECONDS@
  done
  "$__ecloud_mkdir" -p "$__ecloud_tls/$2" ||
    __ecloud_fail tls_setup "cannot create $__ecloud_tls/$2"
  for __ecloud_file in fullchain.pem privkey.pem; do
    [ -f "$__ecloud_tls/$__ecloud_file" ] ||
      __ecloud_fail tls_setup "$__ecloud_certifier did not write $__ecloud_tls/$__ecloud_file"
    "$__ecloud_mv" -f "$__ecloud_tls/$__ecloud_file" "$__ecloud_tls/$2/$__ecloud_file" ||
      __ecloud_fail tls_setup "cannot move $__ecloud_tls/$__ecloud_file to $__ecloud_tls/$2"
  done
}

__ecloud_run_certifier() {
  set -- -challenge "${ACME_CHALLENGE:-http-01}"
  [ "${ACME_STAGING-}" != true ] || set -- "$@" -staging
  __ecloud_prepare=__ecloud_prepare_certifier
  __ecloud_certified=no
  ! __ecloud_run "$__ecloud_bin/$__ecloud_certifier" "$@" || __ecloud_certified=yes
  __ecloud_prepare=:
  [ "$__ecloud_certified" = yes ]
}

# __ecloud_link FROM TO: the pair of the folder FROM is also found in the folder TO.
__ecloud_link() {
  "$__ecloud_mkdir" -p "$2" || __ecloud_fail tls_setup "cannot create $2"
  for __ecloud_file in fullchain.pem privkey.pem; do
    "$__ecloud_ln" -sf "$1/$__ecloud_file" "$2/$__ecloud_file" ||
      __ecloud_fail tls_setup "cannot link $2/$__ecloud_file to $1"
  done
}

# A subshell. Caddy takes a default only for variables that are not set, and no name twice.
__ecloud_caddy() (
  [ -n "$__ecloud_platform_host" ] || unset ECLOUD_PLATFORM_HOST
  [ -n "$__ecloud_domain" ] || unset DOMAIN
  exec "$__ecloud_bin/caddy" "$@" --config "$__ecloud_caddyfile" --adapter caddyfile
)

__ecloud_start_tls() {
  __ecloud_stage=tls_setup
  [ -n "${MNEMONIC-}" ] ||
    __ecloud_fail tls_mnemonic_missing "TLS needs MNEMONIC for its keys, and it is not set"
  [ -e "$__ecloud_bin/caddy" ] ||
    __ecloud_fail tls_caddy_missing "TLS needs $__ecloud_bin/caddy, and the image does not have it"
  if [ -z "$__ecloud_mkdir" ] || [ -z "$__ecloud_mv" ] || [ -z "$__ecloud_ln" ]; then
    __ecloud_fail tls_setup "TLS needs mkdir, mv and ln, and the image does not have them"
  fi
  "$__ecloud_mkdir" -p "$__ecloud_tls" || __ecloud_fail tls_setup "cannot create $__ecloud_tls"
  [ -z "$__ecloud_platform_host" ] || __ecloud_get_certificate "$__ecloud_platform_host" platform
  [ -z "$__ecloud_domain" ] || __ecloud_get_certificate "$__ecloud_domain" domain
  # A Caddyfile that names both folders passes, and so does one for the place of former versions.
  [ -n "$__ecloud_platform_host" ] || __ecloud_link "$__ecloud_tls/domain" "$__ecloud_tls/platform"
  [ -n "$__ecloud_domain" ] || __ecloud_link "$__ecloud_tls/platform" "$__ecloud_tls/domain"
  __ecloud_link "$__ecloud_tls/domain" "$__ecloud_tls"

  __ecloud_said=$(__ecloud_caddy validate 2>&1) || {
    printf '%s\n' "$__ecloud_said" >&2
    __ecloud_fail tls_invalid_caddyfile "caddy does not accept $__ecloud_caddyfile"
  }
  if [ "${ENABLE_CADDY_LOGS-}" = true ]; then
    __ecloud_caddy start || __ecloud_fail tls_caddy_start "caddy did not start"
  else
    __ecloud_caddy start >/dev/null 2>&1 ||
      __ecloud_fail tls_caddy_start "caddy did not start; ENABLE_CADDY_LOGS=true shows why"
  fi
  __ecloud_pause @CADDY_SECONDS@
}

# ---- the drain watcher ----

# Stops the app when the platform asks for it, so that its disk is free before the VM goes.
__ecloud_start_watcher() {
  [ "${ECLOUD_PD_EXPECTED-}" = 1 ] || return 0
  __ecloud_file=$__ecloud_bin/ecloud-drain-watcher
  if [ -f "$__ecloud_file" ] && [ -x "$__ecloud_file" ]; then
    "$__ecloud_file" -signal-pid "$$" </dev/null &
    __ecloud_watcher=$!
    return 0
  fi
  if [ -z "$__ecloud_sleep" ] || [ -z "$__ecloud_wget$__ecloud_curl" ]; then
    __ecloud_warn "the image has neither wget nor curl: the platform cannot ask the app to stop"
    return 0
  fi
  __ecloud_watch </dev/null >/dev/null 2>&1 &
  __ecloud_watcher=$!
}

__ecloud_watch() {
  __ecloud_over='' __ecloud_napping=''
  trap __ecloud_end_nap TERM
  # The metadata server is not behind the app's proxy.
  unset http_proxy HTTP_PROXY all_proxy ALL_PROXY || :
  __ecloud_timeout=''
  if [ -n "$__ecloud_wget" ]; then
    case $("$__ecloud_wget" --help 2>&1) in *' -T'*) __ecloud_timeout=yes ;; esac
  fi
  while [ -z "$__ecloud_over" ]; do
    if __ecloud_is_one "$(__ecloud_read_metadata)"; then
      kill -TERM "$$"
      return 0
    fi
    __ecloud_nap @POLL_SECONDS@
  done
}

__ecloud_read_metadata() {
  set -- 'Metadata-Flavor: Google' \
    http://metadata.google.internal/computeMetadata/v1/instance/attributes/ECLOUD_DRAIN_REQUESTED
  if [ -z "$__ecloud_wget" ]; then
    "$__ecloud_curl" -fsS --max-time 2 -H "$@"
  elif [ -n "$__ecloud_timeout" ]; then
    "$__ecloud_wget" -q -O - -T 2 --header "$@"
  else
    "$__ecloud_wget" -q -O - --header "$@"
  fi
}

# Whether a text is 1, with space around it or without. A subshell.
__ecloud_is_one() (
  __ecloud_body=$1
  __ecloud_space=$(printf ' \t\n\rx')
  __ecloud_space=${__ecloud_space%x}
  while :; do
    case $__ecloud_body in
      ["$__ecloud_space"]*) __ecloud_body=${__ecloud_body#?} ;;
      *["$__ecloud_space"]) __ecloud_body=${__ecloud_body%?} ;;
      *) break ;;
    esac
  done
  [ "$__ecloud_body" = 1 ]
)

# ---- the user ----

# Where there is no id, as in a TEE: root.
__ecloud_is_root() {
  __ecloud_id=$(__ecloud_find id) || return 0
  [ "$("$__ecloud_id" -u)" = 0 ]
}

__ecloud_fail_user() {
  __ecloud_fail user_setup "the image runs as $__ecloud_user, but $1"
}

# Sets __ecloud_number to $1 without zeros in front, or fails when it is no number.
__ecloud_read_number() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  __ecloud_number=$1
  while :; do
    case $__ecloud_number in 0?*) __ecloud_number=${__ecloud_number#0} ;; *) break ;; esac
  done
  if [ "${#__ecloud_number}" -gt 10 ] || [ "$__ecloud_number" -gt 2147483647 ]; then
    __ecloud_fail_user "$1 is too large for an ID"
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
      __ecloud_fail_user "/etc/passwd has no such user"
    __ecloud_uid=$__ecloud_number
  fi
  if [ -n "$__ecloud_group" ]; then
    __ecloud_look_up_group "$__ecloud_group" ||
      __ecloud_fail_user "/etc/group has no such group"
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
      __ecloud_exec "$__ecloud_program" --reuid "$__ecloud_uid" --regid "$__ecloud_gid" \
        --groups "$__ecloud_groups" -- "$@"
      ;;
    su-exec | gosu)
      if __ecloud_by_name; then __ecloud_ids=$__ecloud_name; fi
      __ecloud_exec "$__ecloud_program" "$__ecloud_ids" "$@"
      ;;
    chroot)
      __ecloud_exec "$__ecloud_program" "--userspec=+$__ecloud_uid:+$__ecloud_gid" \
        "--groups=$__ecloud_groups" --skip-chdir / "$@"
      ;;
    chpst) __ecloud_exec "$__ecloud_program" -u "$__ecloud_ids" "$@" ;;
    setuidgid) __ecloud_exec "$__ecloud_program" "$__ecloud_ids" "$@" ;;
    su)
      __ecloud_exec "$__ecloud_program" -m -s /bin/sh -c 'exec "$@"' -- "$__ecloud_name" sh "$@"
      ;;
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
  __ecloud_fail_user "it has no setpriv, su-exec, gosu, coreutils chroot, chpst, setuidgid or su \
that works"
}

# ---- the app ----

# How the app gets a process group of its own: by the shell's job control, which also leaves SIGINT
# and SIGQUIT as they are (POSIX has them ignored in background commands otherwise), or by setsid.
# Job control is only for shells without a terminal: it would be taken from the app.
__ecloud_choose_group() {
  __ecloud_job='' __ecloud_signals=''
  (exec </dev/tty) 2>/dev/null || set -m 2>/dev/null || :
  case $- in
    *m*)
      set +m
      __ecloud_job=monitor
      return 0
      ;;
  esac
  [ -z "$__ecloud_setsid" ] || __ecloud_job=setsid
  [ -z "$__ecloud_env" ] || ! "$__ecloud_env" --default-signal=INT,QUIT "$__ecloud_env" \
    >/dev/null 2>&1 || __ecloud_signals=default
}

# Replaces this process.
__ecloud_exec() {
  [ "$__ecloud_job" != setsid ] || set -- "$__ecloud_setsid" "$@"
  [ -z "$__ecloud_signals" ] || set -- "$__ecloud_env" --default-signal=INT,QUIT "$@"
  exec "$@"
}

__ecloud_become_app() {
  if [ -n "$__ecloud_chosen" ]; then
    if [ "${HOME:-/root}" = /root ]; then
      export HOME="$__ecloud_home"
    fi
    __ecloud_become "$__ecloud_chosen" "$__ecloud_chosen_program" "$@"
  fi
  __ecloud_exec "$@"
}

# Ends with the app's status, or with 0 after SIGTERM.
__ecloud_run_app() {
  [ "$__ecloud_job" != monitor ] || set -m
  if (: <&0) 2>/dev/null; then
    exec 3<&0
    __ecloud_become_app "$@" <&3 3<&- &
  else
    __ecloud_become_app "$@" &
  fi
  __ecloud_child=$! __ecloud_child_is=app
  [ -z "$__ecloud_stopping" ] || __ecloud_pass_on
  [ "$__ecloud_job" != monitor ] || set +m
  __ecloud_wait_for_child
  __ecloud_child=''
  [ -z "$__ecloud_watcher" ] || kill "$__ecloud_watcher" 2>/dev/null || :
  if [ -n "$__ecloud_timer" ]; then
    kill "$__ecloud_timer" 2>/dev/null || :
    wait "$__ecloud_timer" 2>/dev/null || :
  fi
  [ -z "$__ecloud_stopping" ] || exit 0
  exit "$__ecloud_status"
}

# ---- in order ----

__ecloud_handle_term
trap __ecloud_ended EXIT
__ecloud_rm=:
[ $# -gt 0 ] || __ecloud_fail command_missing "the image does not name a command"
__ecloud_find_programs

# Before the app's variables are read, which may change PATH and IFS.
__ecloud_job='' __ecloud_signals='' __ecloud_chosen=''
__ecloud_user=${__ECLOUD_ORIGINAL_USER-}
if [ -n "$__ecloud_user" ] && __ecloud_is_root; then
  __ecloud_read_user
  [ "$__ecloud_uid:$__ecloud_gid" = 0:0 ] || __ecloud_choose_way
fi

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
unset __ECLOUD_ORIGINAL_USER

! __ecloud_wants_tls || __ecloud_start_tls

# Now, so that they are the platform's whatever the app's variables say.
export KMS_SERVER_URL="$__ecloud_kms_url"
export KMS_PUBLIC_KEY=@KMS_PUBLIC_KEY@

__ecloud_choose_group
__ecloud_stop_early
trap - EXIT
__ecloud_start_watcher
printf 'ECLOUD_READY runtime_bootstrapped\n' || :
__ecloud_run_app "$@"
