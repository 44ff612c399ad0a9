# shellcheck shell=bash
# Words to the person at the terminal: one clear line each, on stderr.

say() { printf '%s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# refuse USAGE WORDS... : a wrong command line.
refuse() {
  local usage=$1
  shift
  printf '%s: %s\n%s\n' "${0##*/}" "$*" "$usage" >&2
  exit 2
}

# step WORDS... : says what begins now, with the seconds since the script began.
step() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }

require_root() { ((EUID == 0)) || die "must be run as root: it makes loop devices, mounts and containers"; }
