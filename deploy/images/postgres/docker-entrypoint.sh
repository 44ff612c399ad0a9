#!/usr/bin/env bash
# Entry point of the image: what users of the official image rely on. As root it steps down to postgres; an empty
# PGDATA is made by initdb with POSTGRES_USER, POSTGRES_PASSWORD(_FILE), POSTGRES_DB, POSTGRES_INITDB_ARGS and
# POSTGRES_HOST_AUTH_METHOD, and the files of /docker-entrypoint-initdb.d are run; then the command takes over.
set -euo pipefail

fail() { printf 'docker-entrypoint.sh: %s\n' "$*" >&2; exit 1; }

# NAME or NAME_FILE, not both.
from_file() {
  local name=$1 file_name=$1_FILE
  [[ -z ${!file_name:-} ]] && return
  [[ -z ${!name:-} ]] || fail "$name and $file_name exclude each other"
  export "$name"="$(<"${!file_name}")"
  unset "$file_name"
}

make_cluster() {
  from_file POSTGRES_PASSWORD
  from_file POSTGRES_USER
  from_file POSTGRES_DB
  # the files of initdb.d may count on both
  export POSTGRES_USER=${POSTGRES_USER:-postgres}
  export POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
  local user=$POSTGRES_USER method=${POSTGRES_HOST_AUTH_METHOD:-}
  if [[ -z ${POSTGRES_PASSWORD:-} && $method != trust ]]; then
    fail "the data directory is empty and POSTGRES_PASSWORD is not set: set it, or POSTGRES_HOST_AUTH_METHOD=trust"
  fi
  # shellcheck disable=SC2086 # several arguments are meant
  initdb --username="$user" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:-}") ${POSTGRES_INITDB_ARGS:-}
  printf '\nhost all all all %s\n' "${method:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
  PGPASSWORD=${POSTGRES_PASSWORD:-} run_first_start "$user" "$POSTGRES_DB" "$@"
}

run_first_start() {
  local user=$1 database=$2
  shift 2
  [[ ${1:-} == postgres ]] && shift
  local options="-c listen_addresses='' -p 5432"
  (($# == 0)) || options+=" $(printf '%q ' "$@")"
  pg_ctl -D "$PGDATA" -w start -o "$options"
  local sql=(psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$user")
  if [[ $database != postgres ]]; then
    printf 'CREATE DATABASE :"db";\n' | "${sql[@]}" --dbname postgres --set db="$database"
  fi
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh)
        # shellcheck source=/dev/null
        if [[ -x $file ]]; then "$file"; else . "$file"; fi
        ;;
      *.sql) "${sql[@]}" --dbname "$database" -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | "${sql[@]}" --dbname "$database" ;;
      *.sql.xz) xz -dc "$file" | "${sql[@]}" --dbname "$database" ;;
      *.sql.zst) zstd -dc "$file" | "${sql[@]}" --dbname "$database" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
}

# Whether the command only asks for words, which needs no data directory.
wants_words() {
  local argument
  for argument; do
    case $argument in
      '-?' | --help | --describe-config | -V | --version | -C) return 0 ;;
    esac
  done
  return 1
}

main() {
  [[ ${1:-} == -* ]] && set -- postgres "$@"
  if [[ ${1:-} == postgres ]] && ! wants_words "$@"; then
    mkdir -p "$PGDATA"
    if ((EUID == 0)); then
      find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
      chmod 00700 "$PGDATA"
      exec setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/var/lib/postgresql "${BASH_SOURCE[0]}" "$@"
    fi
    chmod 00700 "$PGDATA" 2>/dev/null || true
    [[ -s $PGDATA/PG_VERSION ]] || make_cluster "$@"
  fi
  exec "$@"
}

main "$@"
