# shellcheck shell=bash
# Debian packages: only what is missing is installed, apt-get update runs at most once. Needs say.sh.

apt_lists_fresh=no

package_installed() { [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) == ii* ]]; }

apt_quietly() {
  local log
  log=$(mktemp)
  if ! DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

update_lists() {
  [[ $apt_lists_fresh == no ]] || return 0
  apt_quietly update || die "apt-get update failed, see above"
  apt_lists_fresh=yes
}

# ensure_packages NAME... : installs those that are missing. No service of theirs is started, and the PostgreSQL
# package makes no server of its own; what was installed before is left as it is.
ensure_packages() {
  local name missing=()
  for name; do package_installed "$name" || missing+=("$name"); done
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || die "these packages are missing and there is no apt-get to install them: ${missing[*]}"
  require_root
  step "installing ${missing[*]}"
  mend_packages
  mkdir -p /usr/share/man/man1 # slim images lack it, and Java's package cannot be set up then
  update_lists
  without_services apt_quietly install -y --no-install-recommends "${missing[@]}" \
    || die "apt-get could not install ${missing[*]}, see above"
}

policy=/usr/sbin/policy-rc.d

# A run that was killed may have left it.
policy_is_ours() { grep -qs '^# Ramet: ' "$policy"; }

# Likewise for packages that were being set up.
mend_packages() {
  [[ -z $(ls -A /var/lib/dpkg/updates 2>/dev/null) ]] || without_services dpkg --configure -a >/dev/null 2>&1 \
    || say "dpkg --configure -a did not succeed: going on"
}

without_services() {
  local cluster=/etc/postgresql-common/createcluster.conf made=no status=0
  if [[ ! -e $policy ]] || policy_is_ours; then
    made=yes
    printf '#!/bin/sh\n# Ramet: packages are being installed without starting services\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
  fi
  if ! package_installed postgresql-common && [[ ! -e $cluster ]]; then
    mkdir -p "${cluster%/*}"
    printf '# Ramet installed PostgreSQL for its programs: no server is made by the package.\ncreate_main_cluster = false\n' >"$cluster"
  fi
  "$@" || status=$?
  [[ $made == no ]] || rm -f "$policy"
  return $status
}

# Newest PostgreSQL server among the installed ones; empty: none.
postgres_major() {
  local bin
  for bin in /usr/lib/postgresql/*/bin/postgres; do
    [[ -x $bin ]] && basename "$(dirname "$(dirname "$bin")")"
  done | sort -n | tail -n 1
}

# PostgreSQL programs of the version that this Debian offers, unless some are there.
ensure_postgres() {
  [[ -n $(postgres_major) ]] || ensure_packages postgresql
  [[ -n $(postgres_major) ]] || die "no PostgreSQL server programs below /usr/lib/postgresql after installing them"
}
