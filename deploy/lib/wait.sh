# shellcheck shell=bash
# Waiting with an end, and ports. Needs say.sh.

# wait_until SECONDS COMMAND... : repeats the command until it succeeds; 1 when the time is over.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

# Whether something listens on 127.0.0.1:PORT.
port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port FIRST : the first port from FIRST on, of a hundred, that nothing listens on.
free_port() {
  local port
  for ((port = $1; port < $1 + 100; port++)); do
    port_answers "$port" || { printf '%s' "$port"; return 0; }
  done
  die "ports $1 to $(($1 + 99)) are all taken"
}
