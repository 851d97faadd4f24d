# bash completion for ecloud; generated from its command tree

# What is printed holds nothing that bash would expand.
_ecloud_apps() {
  local name
  while IFS= read -r name; do
    [[ $name == "$cur"* ]] && COMPREPLY+=("$name")
  done < <(ecloud __complete app -- "${COMP_WORDS[@]}" 2>/dev/null)
}

_ecloud() {
  local cur prev path words flags apps i
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
      'ecloud image') path='ecloud image' ;;
      'ecloud devnet') path='ecloud devnet' ;;
      'ecloud config') path='ecloud config' ;;
      'ecloud telemetry') path='ecloud telemetry' ;;
      'ecloud resume') path='ecloud resume' ;;
      'ecloud doctor') path='ecloud doctor' ;;
      'ecloud explain') path='ecloud explain' ;;
      'ecloud completion') path='ecloud completion' ;;
      'ecloud help') path='ecloud help' ;;
      'ecloud version') path='ecloud version' ;;
      'ecloud compute app') path='ecloud compute app' ;;
      'ecloud compute build') path='ecloud compute build' ;;
      'ecloud compute environment' | 'ecloud compute env') path='ecloud compute environment' ;;
      'ecloud compute instance-types') path='ecloud compute instance-types' ;;
      'ecloud compute undelegate') path='ecloud compute undelegate' ;;
      'ecloud compute app deploy') path='ecloud compute app deploy' ;;
      'ecloud compute app upgrade') path='ecloud compute app upgrade' ;;
      'ecloud compute app plan') path='ecloud compute app plan' ;;
      'ecloud compute app apply') path='ecloud compute app apply' ;;
      'ecloud compute app drift') path='ecloud compute app drift' ;;
      'ecloud compute app list' | 'ecloud compute app ls') path='ecloud compute app list' ;;
      'ecloud compute app info') path='ecloud compute app info' ;;
      'ecloud compute app logs') path='ecloud compute app logs' ;;
      'ecloud compute app status') path='ecloud compute app status' ;;
      'ecloud compute app start') path='ecloud compute app start' ;;
      'ecloud compute app stop') path='ecloud compute app stop' ;;
      'ecloud compute app terminate') path='ecloud compute app terminate' ;;
      'ecloud compute app releases') path='ecloud compute app releases' ;;
      'ecloud compute app verify') path='ecloud compute app verify' ;;
      'ecloud compute app rollback') path='ecloud compute app rollback' ;;
      'ecloud compute app rename' | 'ecloud compute app name') path='ecloud compute app rename' ;;
      'ecloud compute app share') path='ecloud compute app share' ;;
      'ecloud compute app permissions') path='ecloud compute app permissions' ;;
      'ecloud compute app profile') path='ecloud compute app profile' ;;
      'ecloud compute app wallet') path='ecloud compute app wallet' ;;
      'ecloud compute app create') path='ecloud compute app create' ;;
      'ecloud compute app configure') path='ecloud compute app configure' ;;
      'ecloud compute app permissions list') path='ecloud compute app permissions list' ;;
      'ecloud compute app permissions grant') path='ecloud compute app permissions grant' ;;
      'ecloud compute app permissions revoke') path='ecloud compute app permissions revoke' ;;
      'ecloud compute app permissions accept') path='ecloud compute app permissions accept' ;;
      'ecloud compute app profile set') path='ecloud compute app profile set' ;;
      'ecloud compute app wallet export') path='ecloud compute app wallet export' ;;
      'ecloud compute app wallet import') path='ecloud compute app wallet import' ;;
      'ecloud compute app wallet show') path='ecloud compute app wallet show' ;;
      'ecloud compute app configure tls') path='ecloud compute app configure tls' ;;
      'ecloud compute build info') path='ecloud compute build info' ;;
      'ecloud compute build list' | 'ecloud compute build ls') path='ecloud compute build list' ;;
      'ecloud compute build logs') path='ecloud compute build logs' ;;
      'ecloud compute build status') path='ecloud compute build status' ;;
      'ecloud compute build submit') path='ecloud compute build submit' ;;
      'ecloud compute build verify') path='ecloud compute build verify' ;;
      'ecloud compute environment list') path='ecloud compute environment list' ;;
      'ecloud compute environment show') path='ecloud compute environment show' ;;
      'ecloud compute environment set') path='ecloud compute environment set' ;;
      'ecloud auth login') path='ecloud auth login' ;;
      'ecloud auth whoami') path='ecloud auth whoami' ;;
      'ecloud auth list') path='ecloud auth list' ;;
      'ecloud auth generate' | 'ecloud auth gen' | 'ecloud auth new') path='ecloud auth generate' ;;
      'ecloud auth migrate') path='ecloud auth migrate' ;;
      'ecloud auth logout') path='ecloud auth logout' ;;
      'ecloud billing cancel') path='ecloud billing cancel' ;;
      'ecloud billing cards' | 'ecloud billing list-cards') path='ecloud billing cards' ;;
      'ecloud billing redeem' | 'ecloud billing redeem-coupon') path='ecloud billing redeem' ;;
      'ecloud billing status') path='ecloud billing status' ;;
      'ecloud billing subscribe') path='ecloud billing subscribe' ;;
      'ecloud billing top-up') path='ecloud billing top-up' ;;
      'ecloud image digest') path='ecloud image digest' ;;
      'ecloud image inspect') path='ecloud image inspect' ;;
      'ecloud image layer') path='ecloud image layer' ;;
      'ecloud image push') path='ecloud image push' ;;
      'ecloud image tools') path='ecloud image tools' ;;
      'ecloud devnet up') path='ecloud devnet up' ;;
      'ecloud devnet down') path='ecloud devnet down' ;;
      'ecloud devnet status') path='ecloud devnet status' ;;
      'ecloud devnet env') path='ecloud devnet env' ;;
      'ecloud devnet reset') path='ecloud devnet reset' ;;
      'ecloud config show') path='ecloud config show' ;;
      'ecloud config get') path='ecloud config get' ;;
      'ecloud config set') path='ecloud config set' ;;
      'ecloud config unset') path='ecloud config unset' ;;
      'ecloud config path') path='ecloud config path' ;;
      'ecloud config schema') path='ecloud config schema' ;;
      'ecloud telemetry status') path='ecloud telemetry status' ;;
      'ecloud telemetry enable') path='ecloud telemetry enable' ;;
      'ecloud telemetry disable') path='ecloud telemetry disable' ;;
    esac
  done
  case "$path:$prev" in
    'ecloud compute app deploy':--app | \
      'ecloud compute app plan':--app | \
      'ecloud compute app upgrade':--app | \
      'ecloud compute build submit':--context | \
      'ecloud compute build submit':--dockerfile | \
      'ecloud config show':--app | \
      *:--account | \
      *:--address-count | \
      *:--allow | \
      *:--allow-leak | \
      *:--amount | \
      *:--attestation-url | \
      *:--audience | \
      *:--base | \
      *:--billing-url | \
      *:--block-time | \
      *:--build-arg | \
      *:--build-caddyfile | \
      *:--build-context | \
      *:--build-dependencies | \
      *:--build-dockerfile | \
      *:--build-timeout | \
      *:--card | \
      *:--code | \
      *:--commit | \
      *:--confirm-wallet-change | \
      *:--confirmations | \
      *:--creator | \
      *:--credits | \
      *:--credits-rpc-url | \
      *:--dependencies | \
      *:--description | \
      *:--domain | \
      *:--env | \
      *:--fields | \
      *:--from | \
      *:--image-ref | \
      *:--instance-type | \
      *:--interval | \
      *:--keep-label | \
      *:--limit | \
      *:--mr-td | \
      *:--name | \
      *:--nonce | \
      *:--of | \
      *:--offset | \
      *:--port | \
      *:--private-key | \
      *:--project | \
      *:--proof-message | \
      *:--proof-path | \
      *:--repo | \
      *:--rpc-url | \
      *:--rtmr | \
      *:--salt | \
      *:--since | \
      *:--tail | \
      *:--target | \
      *:--target-ref | \
      *:--template-repo | \
      *:--template-version | \
      *:--timeout | \
      *:--to | \
      *:--tools-ref | \
      *:--url | \
      *:--userapi-url | \
      *:--website | \
      *:--x-url | \
      *:-n)
      :
      return
      ;;
    'ecloud billing status':--app | \
      'ecloud billing top-up':--app)
      _ecloud_apps
      return
      ;;
    'ecloud compute app deploy':--context | \
      'ecloud compute app plan':--context | \
      'ecloud compute app upgrade':--context | \
      'ecloud image layer':--context | \
      *:--collateral | \
      *:--state)
      compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return
      ;;
    'ecloud compute app deploy':--dockerfile | \
      'ecloud compute app plan':--dockerfile | \
      'ecloud compute app upgrade':--dockerfile | \
      'ecloud doctor':--dockerfile | \
      'ecloud image layer':--dockerfile | \
      *:--attestation | \
      *:--bundle | \
      *:--caddyfile | \
      *:--config | \
      *:--env-file | \
      *:--event-log | \
      *:--image | \
      *:--image-archive | \
      *:--jwks | \
      *:--keystore | \
      *:--offline | \
      *:--out | \
      *:--password-file | \
      *:--plan-out | \
      *:--private-key-file | \
      *:--words-file | \
      *:-o)
      compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    *:--environment)
      mapfile -t COMPREPLY < <(compgen -W "$(ecloud compute environment list --fields name 2>/dev/null)" -- "$cur")
      return
      ;;
    *:--generation)
      mapfile -t COMPREPLY < <(compgen -W '1.1 1.4 1.5 1.5.0-teams' -- "$cur")
      return
      ;;
    *:--bill-to)
      mapfile -t COMPREPLY < <(compgen -W 'account app' -- "$cur")
      return
      ;;
    *:--color)
      mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
      return
      ;;
    *:--builder)
      mapfile -t COMPREPLY < <(compgen -W 'auto docker podman buildah' -- "$cur")
      return
      ;;
    *:--leak-check)
      mapfile -t COMPREPLY < <(compgen -W 'auto full off' -- "$cur")
      return
      ;;
    *:--product)
      mapfile -t COMPREPLY < <(compgen -W 'compute' -- "$cur")
      return
      ;;
    *:--resource-usage-monitoring)
      mapfile -t COMPREPLY < <(compgen -W 'enable disable' -- "$cur")
      return
      ;;
    *:--chain | \
      *:--credits-chain)
      mapfile -t COMPREPLY < <(compgen -W 'ethereum base-sepolia base' -- "$cur")
      return
      ;;
    *:--wallet)
      mapfile -t COMPREPLY < <(compgen -W 'generated kms env' -- "$cur")
      return
      ;;
    *:--store)
      mapfile -t COMPREPLY < <(compgen -W 'keyring file' -- "$cur")
      return
      ;;
    *:--wallet-backup)
      mapfile -t COMPREPLY < <(compgen -W 'on-chain none' -- "$cur")
      return
      ;;
    *:--log-visibility)
      mapfile -t COMPREPLY < <(compgen -W 'public private off' -- "$cur")
      return
      ;;
    *:--profile)
      mapfile -t COMPREPLY < <(compgen -W 'strict gentle' -- "$cur")
      return
      ;;
    *:--language | \
      *:-l)
      mapfile -t COMPREPLY < <(compgen -W 'typescript golang rust python' -- "$cur")
      return
      ;;
    *:--method)
      mapfile -t COMPREPLY < <(compgen -W 'usdc card' -- "$cur")
      return
      ;;
  esac
  case "$path" in
    'ecloud')
      words='compute auth billing image devnet config telemetry resume doctor explain completion help version'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute')
      words='app build environment instance-types undelegate'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app')
      words='deploy upgrade plan apply drift list info logs status start stop terminate releases verify rollback rename share permissions profile wallet create configure'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app deploy')
      words=''
      flags='--name --image-ref --env --env-file --instance-type --log-visibility --resource-usage-monitoring --wallet --wallet-backup --dockerfile --context --builder --build-arg --image-archive --no-build --target-ref --tools-ref --allow-old-runtime --tls --caddyfile --keep-label --leak-check --allow-leak --verifiable --repo --commit --build-dockerfile --build-context --build-dependencies --build-caddyfile --rebuild --force-build --build-timeout --yes --force-new --salt --bill-to --credits --credits-chain --credits-rpc-url --skip-profile --website --description --x-url --image --all --app --no-wait --timeout --confirmations --plan-out --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --config --help --version'
      ;;
    'ecloud compute app upgrade')
      words=''
      flags='--image-ref --env --env-file --instance-type --log-visibility --resource-usage-monitoring --wallet --wallet-backup --dockerfile --context --builder --build-arg --image-archive --no-build --target-ref --tools-ref --allow-old-runtime --tls --caddyfile --keep-label --leak-check --allow-leak --verifiable --repo --commit --build-dockerfile --build-context --build-dependencies --build-caddyfile --rebuild --force-build --build-timeout --all --app --plan-out --confirm-wallet-change --no-wait --timeout --yes --confirmations --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --config --help --version'
      apps=1
      ;;
    'ecloud compute app plan')
      words=''
      flags='--image-ref --env --env-file --instance-type --log-visibility --resource-usage-monitoring --wallet --wallet-backup --dockerfile --context --builder --build-arg --image-archive --no-build --target-ref --tools-ref --allow-old-runtime --tls --caddyfile --keep-label --leak-check --allow-leak --verifiable --repo --commit --build-dockerfile --build-context --build-dependencies --build-caddyfile --rebuild --force-build --build-timeout --all --app --plan-out --confirm-wallet-change --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app apply')
      words=''
      flags='--no-wait --timeout --confirmations --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app drift')
      words=''
      flags='--all --image-ref --env-file --instance-type --log-visibility --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app list')
      words=''
      flags='--all --address-count --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app info')
      words=''
      flags='--address-count --all-wallets --watch --interval --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app logs')
      words=''
      flags='--follow --tail --since --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app status')
      words=''
      flags='--wait --timeout --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app start')
      words=''
      flags='--no-wait --timeout --confirmations --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app stop')
      words=''
      flags='--no-wait --timeout --confirmations --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app terminate')
      words=''
      flags='--no-wait --timeout --confirmations --yes --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --config --help --version'
      apps=1
      ;;
    'ecloud compute app releases')
      words=''
      flags='--full --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app verify')
      words=''
      flags='--bundle --offline --base --url --proof-path --proof-message --attestation --attestation-url --jwks --collateral --nonce --audience --project --mr-td --rtmr --event-log --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app rollback')
      words=''
      flags='--to --list --confirm-wallet-change --allow-old-runtime --no-wait --timeout --confirmations --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app rename')
      words=''
      flags='--dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app share')
      words=''
      flags='--allow --admin --target --confirmations --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app permissions')
      words='list grant revoke accept'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app permissions list')
      words=''
      flags='--of --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app permissions grant')
      words=''
      flags='--allow --admin --target --confirmations --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app permissions revoke')
      words=''
      flags='--allow --admin --all --target --confirmations --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app permissions accept')
      words=''
      flags='--confirmations --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app profile')
      words='set'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app profile set')
      words=''
      flags='--name --website --description --x-url --image --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app wallet')
      words='export import show'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app wallet export')
      words=''
      flags='--out --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app wallet import')
      words=''
      flags='--words-file --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app wallet show')
      words=''
      flags='--address-count --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      apps=1
      ;;
    'ecloud compute app create')
      words='typescript golang rust python'
      flags='--name --language --dry-run --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app configure')
      words='tls'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute app configure tls')
      words=''
      flags='--domain --port --dry-run --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute build')
      words='info list logs status submit verify'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute build info')
      words=''
      flags='--environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute build list')
      words=''
      flags='--account --limit --offset --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute build logs')
      words=''
      flags='--follow --tail --timeout --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute build status')
      words=''
      flags='--wait --timeout --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute build submit')
      words=''
      flags='--repo --commit --dockerfile --context --dependencies --build-caddyfile --no-follow --force --timeout --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute build verify')
      words=''
      flags='--repo --commit --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute environment')
      words='list show set'
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
    'ecloud compute environment set')
      words=''
      flags='--dry-run --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute instance-types')
      words=''
      flags='--environment --rpc-url --userapi-url --billing-url --allow-http --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud compute undelegate')
      words=''
      flags='--confirmations --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud auth')
      words='login whoami list generate migrate logout'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud auth login')
      words=''
      flags='--store --yes --dry-run --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --config --help --version'
      ;;
    'ecloud auth whoami')
      words=''
      flags='--private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud auth list')
      words=''
      flags='--private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud auth generate')
      words=''
      flags='--out --store --password-file --yes --dry-run --json --fields --color --verbose --non-interactive --config --help --version'
      ;;
    'ecloud auth migrate')
      words=''
      flags='--store --from --delete-old --password-file --yes --dry-run --json --fields --color --verbose --non-interactive --config --help --version'
      ;;
    'ecloud auth logout')
      words=''
      flags='--store --yes --dry-run --json --fields --color --verbose --non-interactive --config --help --version'
      ;;
    'ecloud billing')
      words='cancel cards redeem status subscribe top-up'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud billing cancel')
      words=''
      flags='--product --yes --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --config --help --version'
      ;;
    'ecloud billing cards')
      words=''
      flags='--product --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud billing redeem')
      words=''
      flags='--code --product --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud billing status')
      words=''
      flags='--app --product --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud billing subscribe')
      words=''
      flags='--product --no-open --no-wait --timeout --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud billing top-up')
      words=''
      flags='--amount --method --chain --card --new-purchase --account --creator --app --product --no-open --no-wait --timeout --credits-rpc-url --confirmations --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud image')
      words='digest inspect layer push tools'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud image digest')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud image inspect')
      words=''
      flags='--image-archive --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud image layer')
      words=''
      flags='--target-ref --tools-ref --allow-old-runtime --tls --caddyfile --keep-label --print-digest --log-visibility --resource-usage-monitoring --dockerfile --context --builder --build-arg --image-archive --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud image push')
      words=''
      flags='--dry-run --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud image tools')
      words=''
      flags='--from --pin --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud devnet')
      words='up down status env reset'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud devnet up')
      words=''
      flags='--detach --port --state --generation --profile --block-time --run-apps --json --fields --color --verbose --non-interactive --yes --config --help --version'
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
      words='show get set unset path schema'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud config show')
      words=''
      flags='--origin --app --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud config get')
      words=''
      flags='--environment --rpc-url --userapi-url --billing-url --allow-http --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud config set')
      words=''
      flags='--unset --dry-run --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud config unset')
      words=''
      flags='--dry-run --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud config path')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud config schema')
      words=''
      flags='--user --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud telemetry')
      words='status enable disable'
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud telemetry status')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud telemetry enable')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud telemetry disable')
      words=''
      flags='--json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud resume')
      words=''
      flags='--list --speed-up --cancel --abandon --no-wait --timeout --confirmations --credits-rpc-url --dry-run --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud doctor')
      words=''
      flags='--image-ref --env-file --dockerfile --builder --environment --rpc-url --userapi-url --billing-url --allow-http --private-key-file --private-key --keystore --password-file --json --fields --color --verbose --non-interactive --yes --config --help --version'
      ;;
    'ecloud explain')
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
    [[ -z $apps ]] || _ecloud_apps
  fi
}

complete -F _ecloud ecloud
