# shellcheck shell=bash
# What quickstart starts and makes. Every function may be repeated: what is there is left as it is.
# Uses the variables of deploy/quickstart.

ramet() { "$root/bin/ramet" --server "127.0.0.1:$(port coordinator)" "$@"; }

# port NAME : the port that was chosen for a part when it was first asked for.
port() { cat "$state/ports/$1"; }

# choose_port NAME FIRST [PART] : kept for the next run, unless somebody else took it while the part did not run.
choose_port() {
  local file=$state/ports/$1
  mkdir -p "$state/ports"
  if [[ -s $file ]]; then
    part_runs "${3:-$1}" && return 0
    port_answers "$(<"$file")" || return 0
  fi
  free_port "$2" >"$file"
}

# A run that was cut goes on with the settings it began with; only a source that never became an image may be changed.
remember_settings() {
  local file=$state/settings asked
  if [[ -f $file ]]; then
    asked=$(settings)
    local wanted=$source_location
    # shellcheck source=/dev/null
    . "$file"
    [[ -z $wanted || -f $state/image ]] || source_location=$wanted
    [[ $asked == "$(settings)" ]] || say "going on with what was begun: $hosts hosts, $clones clones, $(without_password "${source_location:-the sample}")"
  fi
  # the source may hold a password
  (umask 077 && settings >"$file.new")
  mv "$file.new" "$file"
}

settings() { printf 'hosts=%q\nclones=%q\nsource_location=%q\n' "$hosts" "$clones" "$source_location"; }

host_names() {
  local n
  for ((n = 0; n < hosts; n++)); do printf 'host-%b\n' "\\x$(printf %x $((97 + n)))"; done
}

is_up() {
  local name
  [[ -f $state/up ]] || return 1
  # shellcheck source=/dev/null
  . "$state/settings"
  for name in etcd coordinator $(host_names); do part_runs "$name" || return 1; done
}

start_etcd() {
  choose_port etcd 23790
  choose_port etcd-peer 23890 etcd
  local client peer
  client=http://127.0.0.1:$(port etcd)
  peer=http://127.0.0.1:$(port etcd-peer)
  start_part etcd etcd --name quickstart --data-dir "$state/etcd" \
    --listen-client-urls "$client" --advertise-client-urls "$client" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "quickstart=$peer" \
    --auto-compaction-mode=periodic --auto-compaction-retention=1h --logger=zap
  wait_until 30 port_answers "$(port etcd)" || die "etcd did not come up: $(part_log etcd)"
}

start_coordinator() {
  choose_port coordinator 9440
  choose_port coordinator-http 9540 coordinator
  local jar options
  jar=$(program_jar coordinator)
  mapfile -t options < <(jvm_options coordinator)
  start_part coordinator env \
    RAMET_ETCD_ENDPOINTS="http://127.0.0.1:$(port etcd)" \
    RAMET_GRPC_PORT="$(port coordinator)" \
    RAMET_HTTP_PORT="$(port coordinator-http)" \
    "$RAMET_JAVA_HOME/bin/java" "${options[@]}" -jar "$jar"
  wait_until 60 ready_or_dead coordinator "$(port coordinator)" && part_runs coordinator \
    || die "the coordinator did not come up: $(part_log coordinator)"
}

ready_or_dead() { port_answers "$2" || ! part_runs "$1"; }

# program_jar MODULE : the module's own jar, whose manifest names its libraries.
program_jar() {
  local jar=("$root/$1/target/ramet-$1-"*.jar)
  [[ -f ${jar[0]} ]] || die "the build left no $root/$1/target/ramet-$1-*.jar"
  printf '%s' "${jar[0]}"
}

# jvm_options MODULE : those that the module is made for, and its start-up cache where there is one.
jvm_options() {
  local cache=$root/$1/target/ramet-$1.aot file=$root/$1/src/main/dist/$1.jvm
  [[ ! -f $file ]] || printf '@%s\n' "$file"
  [[ ! -f $cache ]] || printf '%s\n' "-XX:AOTCache=$cache"
}

start_agents() {
  local name n=0
  for name in $(host_names); do
    choose_port "$name" $((9445 + n))
    agent_config "$name" "$n"
    start_agent "$name"
    n=$((n + 1))
  done
  for name in $(host_names); do
    wait_until 60 host_alive "$name" || die "$name did not report: $(part_log "$name")"
  done
}

start_agent() {
  start_part "$1" "$RAMET_JAVA_HOME/bin/java" "@$root/agent/src/main/dist/agent.jvm" \
    -jar "$(program_jar agent)" --config "$state/hosts/$1/agent.properties"
}

agent_config() {
  local dir=$state/hosts/$1 first=$((15000 + 1000 * $2))
  mkdir -p "$dir/pool" "$dir/state"
  {
    printf 'name = %s\n' "$1"
    printf 'listen = 127.0.0.1:%s\n' "$(port "$1")"
    printf 'coordinators = 127.0.0.1:%s\n' "$(port coordinator)"
    printf 'state.dir = %s\n' "$dir/state"
    printf 'database.ports = %s-%s\n' "$first" $((first + 999))
    printf 'pool.main.dir = %s\n' "$dir/pool"
    printf 'pool.main.size = %s\n' 40GiB
    if [[ $runtime == process ]]; then
      printf 'runtimes = process\n'
    else
      printf 'docker.endpoint = %s\n' "$DOCKER_HOST"
      printf 'docker.build.script = %s\n' "$deploy/images/build"
    fi
  } >"$dir/agent.properties.new"
  mv "$dir/agent.properties.new" "$dir/agent.properties"
}

host_alive() { [[ $(ramet host show "$1" -o json 2>/dev/null | jq -r .alive 2>/dev/null) == true ]]; }

# The CLI's context "quickstart", current until --stop; not needed where nobody has set another and the port is the default.
set_context() {
  local config=${XDG_CONFIG_HOME:-${HOME:-/root}/.config}/ramet/config.properties
  [[ -f $state/context ]] && return 0
  [[ ! -f $config && $(port coordinator) == 9440 ]] && return 0
  { [[ ! -f $config ]] || sed -n 's/^current=//p' "$config"; } >"$state/context.new"
  "$root/bin/ramet" context set quickstart "127.0.0.1:$(port coordinator)" --use >/dev/null
  mv "$state/context.new" "$state/context"
}

as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups env -C "$state/sample" HOME="$state/sample" "$@"; }

# A server with pgbench's tables and a trickle of writes, 10 a second for a day at most.
start_sample() {
  local bin
  bin=/usr/lib/postgresql/$(postgres_major)/bin
  step "starting a sample PostgreSQL server with live writes"
  choose_port sample 54320
  install -d -o postgres -g postgres -m 0700 "$state/sample"
  make_sample_password
  [[ -f $state/sample/made ]] || make_sample "$bin"
  start_sample_server "$bin"
  [[ -f $state/sample/filled ]] || fill_sample "$bin"
  start_part writes setpriv --reuid=postgres --regid=postgres --init-groups env -C "$state/sample" HOME="$state/sample" \
    "$bin/pgbench" --no-vacuum --rate=10 --time=86400 -h "$state/sample" -p "$(port sample)" -U shop shop
  source_location="postgres://shop:$(<"$state/sample/password")@127.0.0.1:$(port sample)/shop"
}

make_sample_password() {
  [[ -s $state/sample/password ]] && return 0
  (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$state/sample/password")
  chown postgres:postgres "$state/sample/password"
}

make_sample() {
  rm -rf "$state/sample/data"
  as_postgres "$1/initdb" --pgdata "$state/sample/data" --username shop --auth-local=trust --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 --pwfile="$state/sample/password" >>"$state/logs/sample.log" 2>&1 \
    || die "initdb failed: $(part_log sample)"
  touch "$state/sample/made"
}

start_sample_server() {
  start_part sample setpriv --reuid=postgres --regid=postgres --init-groups env -C "$state/sample" \
    "$1/postgres" -D "$state/sample/data" -c listen_addresses=127.0.0.1 -p "$(port sample)" \
    -c unix_socket_directories="$state/sample" -c max_wal_senders=10 -c wal_level=replica
  wait_until 30 sample_answers "$1" || die "the sample server did not come up: $(part_log sample)"
}

sample_answers() { "$1/pg_isready" -q -h "$state/sample" -p "$(port sample)"; }

fill_sample() {
  local address=(-h "$state/sample" -p "$(port sample)" -U shop)
  as_postgres "$1/psql" "${address[@]}" -qAt -d postgres -c "SELECT 1 FROM pg_database WHERE datname = 'shop'" | grep -q 1 \
    || as_postgres "$1/createdb" "${address[@]}" shop
  as_postgres "$1/pgbench" "${address[@]}" --initialize --quiet --scale=5 shop >>"$state/logs/sample.log" 2>&1 \
    || die "pgbench could not fill the sample server: $(part_log sample)"
  touch "$state/sample/filled"
}

prepare_engine_image() {
  local major
  major=$(postgres_major)
  docker image inspect "postgres:$major" >/dev/null 2>&1 && return 0
  printf 'postgres:%s\n' "$major" >"$state/engine-image"
  # a cache that is there is used; one of its own would be left behind
  if [[ -d /var/cache/ramet/images ]]; then ensure_engine_image "$major"; else ensure_engine_image "$major" "$state/image-cache"; fi
}

# What is true of the image's revisions in that state: jq's filter, nothing where there is none.
revisions() { ramet image show app -o json 2>/dev/null | jq -r ".revisions[] | select(.state == \"$1\") | $2" || true; }

build_image() {
  local operation
  if [[ -z $(revisions READY .revision) ]]; then
    step "building the image app from $(without_password "$source_location")"
    operation=$(revisions BUILDING .operation | head -n 1)
    if [[ -n $operation ]]; then # of a run that was killed: the coordinator went on
      ramet operation watch "$operation" >/dev/null || die "the image could not be built, see above"
    else
      ramet image build app --from - <<<"$source_location" >/dev/null || die "the image could not be built, see above"
    fi
  fi
  touch "$state/image"
  wait_until 300 all_replicas || die "the image did not reach all hosts within 5 minutes: bin/ramet image show app"
}

without_password() { sed -E 's#(://[^:/@]*):[^@]*@#\1:***@#' <<<"$1"; }

all_replicas() {
  (($(ramet image show app -o json | jq '[first(.revisions[] | select(.state == "READY")).replicas[] | select(.state == "READY")] | length') >= hosts))
}

# One that failed, perhaps long after it was made, does not keep the others from being shown.
make_clones() {
  local n failed=0
  ((clones == 0)) || step "making $clones clones"
  for ((n = 1; n <= clones; n++)); do
    make_clone "app-$n" >/dev/null 2>"$state/logs/clone.log" && continue
    failed=$((failed + 1))
    say "clone app-$n is not ready: $(tail -n 1 "$state/logs/clone.log")"
  done
  ((failed == 0 || failed < clones)) || die "none of the clones could be made, see above"
}

# One of that name that is just going, as its time was over, is waited for first.
make_clone() {
  ramet clone create "$1" --image app --runtime "$runtime" && return 0
  [[ $(ramet clone show "$1" -o json | jq -r .state) == DELETING ]] || gone "$1" || return 1
  ramet clone rm "$1" && ramet clone create "$1" --image app --runtime "$runtime"
}

# Whether there is no such clone (exit code 3), as against one that cannot be asked for.
gone() {
  local code=0
  ramet clone show "$1" >/dev/null 2>&1 || code=$?
  ((code == 3))
}

# What there is now, as the coordinator tells it: a table, and the file for machines.
report() {
  local all
  all=$(all_clones) || return 1
  table <<<"$all"
  [[ -z $json ]] || write_json <<<"$all"
}

all_clones() {
  local name names
  names=$(ramet clone ls -o json | jq -r '.[].name' | sort -V) || return 1
  # one may go while the others are asked for
  for name in $names; do ramet clone show "$name" -o json 2>/dev/null || gone "$name" || return 1; done | jq -s .
}

# Clones as columns: name, host, milliseconds by step, url.
table() {
  jq -r '. as $clones
    | ([$clones[].timings.steps // {} | keys_unsorted[]] | reduce .[] as $s ([]; if index([$s]) then . else . + [$s] end)) as $steps
    | (["CLONE", "HOST"] + ($steps | map(ascii_upcase)) + ["TOTAL ms", "URL"]),
      ($clones[] | . as $c | [.name, .host] + [$steps[] | ($c.timings.steps[.] // "-" | tostring)] + [($c.timings.total // "-" | tostring), .url])
    | @tsv' | align
}

# Tab-separated lines as columns (no column command on a minimal system).
align() {
  awk -F '\t' '{ for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } n = NF }
    END { for (r = 1; r <= NR; r++) { line = ""; for (i = 1; i < n; i++) line = line sprintf("%-" width[i] "s  ", cell[r, i]); print line cell[r, n] } }'
}

# Only its owner may read it: it holds the clones' passwords.
write_json() {
  (umask 077 && rm -f "$json.new" && jq --arg runtime "$runtime" --argjson seconds "$(<"$state/up")" \
    --slurpfile hosts <(ramet host ls -o json) --slurpfile image <(ramet image show app -o json) '
    def seconds: capture("^(?<whole>[^.Z]*)(?<part>[.][0-9]+)?") | (.whole + "Z" | fromdate) + ("0" + (.part // "") | tonumber);
    def build_ms: first(.revisions[] | select(.state == "READY")) | (.readyTime | seconds) - (.createTime | seconds) | . * 1000 | round;
    {runtime: $runtime, seconds: $seconds, hosts: $hosts[0], image: ($image[0] + {build_ms: ($image[0] | build_ms)}), clones: .}
    ' >"$json.new") && mv "$json.new" "$json"
}
