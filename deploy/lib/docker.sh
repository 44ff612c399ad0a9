# shellcheck shell=bash
# A Docker engine: the host's where one answers, else one of our own whose every file lies in the state directory,
# without bridge and firewall rules. Needs say.sh, wait.sh, parts.sh.

docker_answers() { timeout 10 docker version >/dev/null 2>&1; }

# Sets and exports DOCKER_HOST; 1 where no engine answers and none could be started.
ensure_docker() {
  local socket=$state/docker.sock
  if ! part_runs docker; then
    if docker_answers; then
      export DOCKER_HOST=${DOCKER_HOST:-unix:///var/run/docker.sock}
      return 0
    fi
    command -v dockerd >/dev/null || return 1
    rm -f "$socket"
    start_part docker dockerd --host "unix://$socket" --data-root "$state/docker" --exec-root "$state/docker-run" \
      --pidfile "$state/docker.pid" --containerd-namespace ramet --containerd-plugins-namespace ramet-plugins \
      --bridge none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false
  fi
  export DOCKER_HOST=unix://$socket
  wait_until 60 docker_up_or_dead || return 1
  docker_answers || { say "dockerd did not come up: $(part_log docker)"; return 1; }
}

docker_up_or_dead() { docker_answers || ! part_runs docker; }

# ensure_engine_image MAJOR [CACHE] : pulled where a registry answers, else built from Debian packages.
ensure_engine_image() {
  local image="postgres:$1"
  docker image inspect "$image" >/dev/null 2>&1 && return 0
  step "getting the container image $image"
  timeout 300 docker pull --quiet "$image" >/dev/null 2>&1 && return 0
  ensure_packages mmdebstrap
  "$deploy/images/build" ${2:+--cache "$2"} "$image"
}
