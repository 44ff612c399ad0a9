# shellcheck shell=bash
# Removes all that quickstart made, from whatever state it is in: half made, killed, after a reboot, or gone already.

stop_everything() {
  local name
  if [[ ! -e $state ]] && no_parts; then
    rm -f "$lock"
    say "nothing to stop: there is no $state"
    return 0
  fi
  unset_context
  ! policy_is_ours || rm -f "$policy"
  step "stopping the coordinator, the agents, etcd and the sample server"
  for name in writes coordinator $(agent_parts) etcd; do stop_part "$name"; done
  # shellcheck disable=SC2046 # several pids are meant
  signal_all INT $(part_pids sample)
  wait_until 10 no_parts sample || true
  step "removing clones, pools, mounts and files"
  remove_containers
  forget_engine_image
  release_state
  rm -f "$lock"
  say "all that quickstart made is removed"
}

agent_parts() {
  local dir
  for dir in "$state"/hosts/*/; do [[ -d $dir ]] && basename "$dir"; done
  return 0
}

# An engine image that quickstart put into the host's own Docker; one in its own Docker goes with that.
forget_engine_image() {
  [[ -f $state/engine-image ]] && ! part_runs docker || return 0
  local image
  image=$(<"$state/engine-image")
  docker rmi "$image" >/dev/null 2>&1 || true
  docker rmi "ramet-root:${image#*:}" >/dev/null 2>&1 || true # its making was cut
}

# Back to the context that was current before.
unset_context() {
  local before config=${XDG_CONFIG_HOME:-${HOME:-/root}/.config}/ramet/config.properties
  [[ -f $state/context && -f $config ]] || return 0
  before=$(<"$state/context")
  sed -i '/^context\.quickstart\./d' "$config"
  if [[ -n $before ]]; then
    sed -i "s/^current=quickstart\$/current=$before/" "$config"
  else
    sed -i '/^current=quickstart$/d' "$config"
    grep -qE '^[^#]' "$config" || { rm -f "$config" && rmdir --ignore-fail-on-non-empty "${config%/*}"; }
  fi
}
