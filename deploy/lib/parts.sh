# shellcheck shell=bash
# Long-running processes that a script starts, finds again and ends. Every one carries RAMET_OWNER=<state directory>
# and RAMET_PART=<name> in its environment, and the kernel's own list is asked for them: there is no pid file that
# could be stale, and no foreign process can be meant. Needs say.sh, wait.sh; uses the variable `state`.

# pids of all parts, or of one.
part_pids() {
  local file part=${1:-}
  { grep -lzxF "RAMET_OWNER=$state" /proc/[0-9]*/environ || true; } 2>/dev/null | while read -r file; do
    [[ -z $part ]] || grep -qzxF "RAMET_PART=$part" "$file" 2>/dev/null || continue
    file=${file#/proc/}
    printf '%s\n' "${file%/environ}"
  done
}

part_runs() { [[ -n $(part_pids "$1") ]]; }

# start_part NAME COMMAND... : detached, its output appended to logs/NAME.log. Runs already: nothing is done.
start_part() {
  local name=$1
  shift
  part_runs "$name" && return 0
  mkdir -p "$state/logs"
  (
    cd "$state" || exit
    exec 9>&- # the lock of the script is not the part's
    RAMET_OWNER=$state RAMET_PART=$name exec setsid --fork "$@" </dev/null >>"$state/logs/$name.log" 2>&1
  )
  wait_until 5 part_runs "$name" || die "$name ended at once: $(tail -n 3 "$state/logs/$name.log")"
}

# part_log NAME : the last lines, for an error message.
part_log() { tail -n 5 "$state/logs/$1.log" 2>/dev/null || true; }

# A bare `return` in what an EXIT trap calls would give the status of before the trap: hence `return 0` everywhere.
signal_all() {
  local signal=$1
  shift
  (($# == 0)) || kill "-$signal" "$@" 2>/dev/null || true
}

no_parts() { [[ -z $(part_pids "${1:-}") ]]; }

# stop_part NAME [SECONDS] : SIGTERM, then SIGKILL when the time is over. An empty name: all of them.
stop_part() {
  # shellcheck disable=SC2046 # several pids are meant
  signal_all TERM $(part_pids "$1")
  wait_until "${2:-10}" no_parts "$1" && return 0
  # shellcheck disable=SC2046
  signal_all KILL $(part_pids "$1")
  wait_until 10 no_parts "$1" || die "cannot end ${1:-some part}: pids $(part_pids "$1" | paste -sd ' ' -)"
}
