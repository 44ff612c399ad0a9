# shellcheck shell=bash
# Releases whatever lies below the state directory: containers, database servers, mounts, loop devices. It asks the
# kernel and Docker, keeps no list of its own, and touches nothing outside. Needs say.sh, wait.sh, parts.sh, docker.sh.

# Ids of containers that have a directory below the state directory mounted.
containers_below() {
  local id
  docker ps --all --quiet --filter label=dev.ramet.agent 2>/dev/null | while read -r id; do
    docker inspect --format '{{range .Mounts}}{{.Source}}{{"\n"}}{{end}}' "$id" 2>/dev/null | grep -qF "$state/" && printf '%s\n' "$id"
  done
  return 0
}

remove_containers() {
  command -v docker >/dev/null || return 0
  local ids
  if part_runs docker; then export DOCKER_HOST=unix://$state/docker.sock; fi
  docker_answers || return 0
  ids=$(containers_below)
  # shellcheck disable=SC2086 # several ids are meant
  [[ -z $ids ]] || docker rm --force $ids >/dev/null || say "Docker could not remove: $ids"
}

# Database servers of clones and builds that run as processes, and the tools of builds. An agent marked them in their
# environment, with its state directory; a server works in its data directory, and the processes that it starts write
# their titles over the mark. A person's shell that stands in one of the directories is none of them.
databases_below() {
  local process target
  for process in /proc/[0-9]*; do
    target=$(readlink "$process/cwd" 2>/dev/null) || continue
    if [[ $target == "$state/"* ]]; then
      grep -qzE '^RAMET_(INSTANCE|TOOL|AGENT|OWNER)=' "$process/environ" 2>/dev/null \
        || [[ $(cat "$process/comm" 2>/dev/null) == postgres ]] || continue
    else
      grep -qzE "^RAMET_AGENT=[^@]*@$state/" "$process/environ" 2>/dev/null || continue
    fi
    printf '%s\n' "${process#/proc/}"
  done
}

no_databases() { [[ -z $(databases_below) ]]; }

stop_databases() {
  # shellcheck disable=SC2046 # several pids are meant
  signal_all INT $(databases_below)
  # shellcheck disable=SC2046
  signal_all CONT $(databases_below) # those of clones that were frozen
  wait_until 10 no_databases && return 0
  # shellcheck disable=SC2046
  signal_all KILL $(databases_below)
  wait_until 10 no_databases || die "cannot end processes that work below $state: $(databases_below | paste -sd ' ' -)"
}

# Mount points below the state directory, innermost first.
mounts_below() {
  awk -v dir="$state/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | sort -r
}

release_mounts() {
  local point
  while read -r point; do
    [[ -n $point ]] || continue
    point=$(printf '%b' "$point")
    umount "$point" 2>/dev/null || { sleep 0.5 && umount "$point" 2>/dev/null; } || umount --lazy "$point" || die "cannot unmount $point"
  done < <(mounts_below)
}

release_loops() {
  local device file
  while read -r device file; do
    [[ $file == "$state/"* ]] && losetup --detach "$device" 2>/dev/null || true
  done < <(losetup --list --noheadings --output NAME,BACK-FILE 2>/dev/null)
  return 0
}

# Short links that agents made to sockets whose path is too long for the kernel.
remove_links() {
  local link
  for link in /run/ramet-*.sock; do
    [[ $(readlink "$link") != "$state/"* ]] || rm -f "$link"
  done
}

# release_state : everything below the state directory, its parts, and the directory itself.
release_state() {
  remove_containers
  stop_databases
  release_mounts
  stop_part docker 5 # it may wait 15 seconds for its own containerd, and all its files go anyway
  stop_part '' 5
  release_mounts
  release_loops
  remove_links
  [[ ! -e $state ]] || rm -rf --one-file-system -- "$state"
}
