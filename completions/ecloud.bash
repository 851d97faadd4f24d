# bash completion for ecloud; generated from its command tree

_ecloud() {
  local cur prev path words flags i
  cur=${COMP_WORDS[COMP_CWORD]}
  prev=${COMP_WORDS[COMP_CWORD - 1]}
  # bash takes "--flag=value" for three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  path=ecloud
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${COMP_WORDS[i]}" in
      'ecloud compute') path='ecloud compute' ;;
      'ecloud auth') path='ecloud auth' ;;
      'ecloud billing') path='ecloud billing' ;;
      'ecloud devnet') path='ecloud devnet' ;;
      'ecloud config') path='ecloud config' ;;
      'ecloud telemetry') path='ecloud telemetry' ;;
      'ecloud completion') path='ecloud completion' ;;
      'ecloud help') path='ecloud help' ;;
      'ecloud version') path='ecloud version' ;;
      'ecloud compute app') path='ecloud compute app' ;;
      'ecloud compute environment' | 'ecloud compute env') path='ecloud compute environment' ;;
      'ecloud compute app deploy') path='ecloud compute app deploy' ;;
      'ecloud compute app info') path='ecloud compute app info' ;;
      'ecloud compute app list' | 'ecloud compute app ls') path='ecloud compute app list' ;;
      'ecloud compute app logs') path='ecloud compute app logs' ;;
      'ecloud compute app status') path='ecloud compute app status' ;;
      'ecloud compute environment list') path='ecloud compute environment list' ;;
      'ecloud compute environment show') path='ecloud compute environment show' ;;
      'ecloud auth generate' | 'ecloud auth gen' | 'ecloud auth new') path='ecloud auth generate' ;;
      'ecloud auth whoami') path='ecloud auth whoami' ;;
      'ecloud billing status') path='ecloud billing status' ;;
      'ecloud billing subscribe') path='ecloud billing subscribe' ;;
      'ecloud devnet up') path='ecloud devnet up' ;;
      'ecloud devnet down') path='ecloud devnet down' ;;
      'ecloud devnet status') path='ecloud devnet status' ;;
      'ecloud devnet env') path='ecloud devnet env' ;;
      'ecloud devnet reset') path='ecloud devnet reset' ;;
      'ecloud config path') path='ecloud config path' ;;
      'ecloud telemetry status') path='ecloud telemetry status' ;;
    esac
  done
  case "$path:$prev" in
    *:--address-count | \
      *:--billing-url | \
      *:--block-time | \
      *:--description | \
      *:--fields | \
      *:--image-ref | \
      *:--instance-type | \
      *:--name | \
      *:--port | \
      *:--private-key | \
      *:--rpc-url | \
      *:--salt | \
      *:--tail | \
      *:--timeout | \
      *:--userapi-url | \
      *:--website | \
      *:--x-url | \
      *:-n)
      :
      return
      ;;
    *:--state)
      compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return
      ;;
    *:--config | \
      *:--env-file | \
      *:--image | \
      *:--out | \
      *:--private-key-file)
      compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    *:--environment)
      mapfile -t COMPREPLY < <(compgen -W "$(ecloud compute environment list --fields name 2>/dev/null)" -- "$cur")
      return
      ;;
    *:--generation)
      mapfile -t COMPREPLY < <(compgen -W '1.1 1.5' -- "$cur")
      return
      ;;
    *:--color)
      mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
      return
      ;;
    *:--resource-usage-monitoring)
      mapfile -t COMPREPLY < <(compgen -W 'enable disable' -- "$cur")
      return
      ;;
    *:--wallet)
      mapfile -t COMPREPLY < <(compgen -W 'generated kms env' -- "$cur")
      return
      ;;
    *:--log-visibility)
      mapfile -t COMPREPLY < <(compgen -W 'public private off' -- "$cur")
      return
      ;;
  esac
  case "$path" in
    'ecloud')
      words='compute auth billing devnet config telemetry completion help version'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute')
      words='app environment'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app')
      words='deploy info list logs status'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app deploy')
      words=''
      flags='--name --image-ref --env-file --instance-type --log-visibility --resource-usage-monitoring --wallet --salt --skip-profile --website --description --x-url --image --no-wait --timeout --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app info')
      words=''
      flags='--address-count --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app list')
      words=''
      flags='--all --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app logs')
      words=''
      flags='--tail --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app status')
      words=''
      flags='--wait --timeout --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute environment')
      words='list show'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute environment list')
      words=''
      flags='--environment --rpc-url --userapi-url --billing-url --allow-http --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute environment show')
      words=''
      flags='--environment --rpc-url --userapi-url --billing-url --allow-http --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud auth')
      words='generate whoami'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud auth generate')
      words=''
      flags='--out --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud auth whoami')
      words=''
      flags='--private-key-file --private-key --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud billing')
      words='status subscribe'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud billing status')
      words=''
      flags='--environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud billing subscribe')
      words=''
      flags='--no-wait --timeout --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud devnet')
      words='up down status env reset'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud devnet up')
      words=''
      flags='--detach --port --state --generation --block-time --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud devnet down')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud devnet status')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud devnet env')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud devnet reset')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud config')
      words='path'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud config path')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud telemetry')
      words='status'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud telemetry status')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud completion')
      words='bash zsh fish'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud help')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud version')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  fi
}

complete -F _ecloud ecloud
