# shellcheck shell=bash
# Starts and ends the demo's processes: seven holders, resolver, broker and notifier, each with its own certificate. Sourced
# by demo.sh, which sets: the repository, the demo's directory, where Bazel puts programs, the addresses of two listeners.
: "${root=}" "${run=}" "${bin=}" "${broker=}" "${resolver=}"

holders=(mois nts seocho nhis nps comwel scourt)
pids=()

# Puts paths, addresses and pinned keys into a configuration. `fill TEMPLATE NAME=VALUE... >FILE`
fill() {
  local template=$1 keys pair
  shift
  keys=$(sed 's/.*/ledger_verifier_keys: "&"/' "$run/pki/ledger_verifier_keys")
  local -a substitutions=(-e "s|@PKI@|$run/pki|g" -e "s|@RUN@|$run|g" -e "s|@PEOPLE@|$run/people|g")
  for pair in "$@"; do substitutions+=(-e "s|@${pair%%=*}@|${pair#*=}|g"); done
  sed "${substitutions[@]}" "$template" | while IFS= read -r line; do
    if [[ $line == "@LEDGER_KEYS@" ]]; then echo "$keys"; else echo "$line"; fi
  done
}

# Starts a program in the background; its output goes to a log that is shown when it fails.
start() {
  local name=$1
  shift
  "$@" >"$run/log/$name.log" 2>&1 </dev/null &
  pids+=("$!")
  echo "$!" >"$run/pid/$name"
}

# Waits for the ports file of a program that was started, and prints its gRPC address, or that of its other port: "ops".
address_of() {
  local name=$1 port=${2:-grpc} tries=0
  until [[ -s $run/$name.ports ]]; do
    if ! kill -0 "$(<"$run/pid/$name")" 2>/dev/null || ((++tries > 300)); then
      echo "demo: $name did not start; its log:" >&2
      cat "$run/log/$name.log" >&2
      return 1
    fi
    read -rt 0.1 <> <(:) || true
  done
  sed -n "s/^$port=//p" "$run/$name.ports"
}

# A port that nobody listens on now: broker and resolver must know each other's before they start.
free_address() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print("127.0.0.1:%d" % s.getsockname()[1])'
}

start_holders() {
  local name
  for name in "${holders[@]}"; do
    fill "$root/deploy/holders/$name.textproto" >"$run/$name.textproto"
    start "$name" "$bin/adapters/holder/naru-holder" --config "$run/$name.textproto"
  done
}

start_resolver() {
  fill "$root/deploy/resolver.textproto" "BROKER=$broker" "RESOLVER=$resolver" >"$run/resolver.textproto"
  start resolver "$bin/adapters/resolver/naru-resolver" --config "$run/resolver.textproto"
}

# The catalogue names the holders' addresses, so they come first. It lies beside the keys that it names. Nobody listens at
# the addresses of the holders that the demo does not need.
write_catalogue() {
  local name file pairs=("RESOLVER=$resolver")
  for name in "${holders[@]}"; do pairs+=("${name^^}=$(address_of "$name")"); done
  mkdir "$run/pki/catalogue"
  for file in "$root"/deploy/catalogue/*.textproto; do
    fill "$file" "${pairs[@]}" | sed -E 's/"@[A-Z]+@"/"127.0.0.1:1"/' >"$run/pki/catalogue/${file##*/}"
  done
}

start_broker() {
  fill "$root/deploy/broker.textproto" "BROKER=$broker" >"$run/broker.textproto"
  start broker "$bin/broker/naru-broker" --development --config "$run/broker.textproto"
}

start_notifier() {
  fill "$root/deploy/notify.textproto" "BROKER=$broker" >"$run/notify.textproto"
  start notify "$bin/adapters/notify/naru-notify" --config "$run/notify.textproto"
}

# Prometheus over the operator's ports of everything that runs. Looks once a second, for a demo of less than a minute.
start_prometheus() {
  local name job targets=()
  mkdir "$run/monitoring"
  cp "$root/deploy/monitoring/alerts.yml" "$run/monitoring"
  sed 's/_interval: 15s/_interval: 1s/' "$root/deploy/monitoring/prometheus.yml" >"$run/monitoring/prometheus.yml"
  for name in broker resolver notify "${holders[@]}"; do
    case $name in
      broker | resolver | notify) job="naru-$name" ;;
      *) job=naru-holder ;;
    esac
    targets+=("{\"targets\": [\"$(address_of "$name" ops)\"], \"labels\": {\"job\": \"$job\", \"name\": \"$name\"}}")
  done
  (IFS=,; echo "[${targets[*]}]") >"$run/monitoring/targets.json"
  prometheus=$(free_address)
  start prometheus prometheus --config.file="$run/monitoring/prometheus.yml" --storage.tsdb.path="$run/prometheus" \
    --web.listen-address="$prometheus" --log.level=warn
}

# Configuration of naructl for one identity.
write_client() {
  fill "$root/deploy/client.textproto" "BROKER=$broker" "RESOLVER=$resolver" "NAME=$1" "IDENTITY=$2" \
    >"$run/$1.textproto"
}

stop_all() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait "${pids[@]}" 2>/dev/null || true
}
