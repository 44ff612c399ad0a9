# shellcheck shell=bash
# Programs that are classes of the end-to-end tests, run without Maven. Needs say.sh, packages.sh, jdk.sh, parts.sh,
# docker.sh and release.sh; uses the variables `deploy` and `root`.

end_program() {
  local status=$?
  trap - EXIT INT TERM
  cd /
  release_state
  exit "$status"
}

# prepare_program TEMPLATE [PACKAGE...] : everything is there and built; TEMPLATE is that of the state directory, short
# because database sockets lie below it. Whatever happens afterwards, nothing of it is left.
prepare_program() {
  local template=$1
  shift
  require_root
  ensure_packages maven etcd-server docker.io mmdebstrap xfsprogs e2fsprogs procps "$@"
  ensure_postgres
  ensure_jdk
  state=$(mktemp -d "$template")
  chmod 0711 "$state"
  trap end_program EXIT
  trap 'exit 130' INT TERM
  ensure_docker || die "no Docker engine answers and none could be started: $(part_log docker)"
  ensure_engine_image "$(postgres_major)"
  step "building"
  "$deploy/build" || die "the build failed, see above"
  (cd "$root" && mvn -q -B -ntp -Dformat.skip -DskipTests -pl deploy/e2e -am package | sed 's/\x1b\[[0-9;]*m//g' | sed '/^$/d') || die "the build failed, see above"
}

# run_program CLASS ARGUMENT...
run_program() {
  local class=$1
  shift
  cd "$deploy/e2e"
  RAMET_OWNER=$state "$RAMET_JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -Djava.io.tmpdir="$state" -cp "target/test-classes:target/lib/*" \
    "dev.ramet.e2e.$class" "$@"
}
