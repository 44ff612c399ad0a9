# shellcheck shell=bash
# A JDK 25, which the build's toolchain and the programs need. Needs say.sh and packages.sh.

# is_jdk_25 HOME
is_jdk_25() { [[ -x $1/bin/javac ]] && grep -qE '^JAVA_VERSION="25' "$1/release" 2>/dev/null; }

# Prints the home of a JDK 25; 1 where there is none.
find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/jdk* /opt/java/* "${HOME:-/root}"/.sdkman/candidates/java/*; do
    [[ -n $home ]] && is_jdk_25 "$home" && { printf '%s' "$home"; return 0; }
  done
  return 1
}

# Sets RAMET_JAVA_HOME; installs a JDK where there is none: from the package sources, else from Eclipse Adoptium.
ensure_jdk() {
  local name
  RAMET_JAVA_HOME=$(find_jdk) && return 0
  require_root
  update_lists
  for name in openjdk-25-jdk-headless temurin-25-jdk; do
    if apt-cache show "$name" >/dev/null 2>&1; then
      ensure_packages "$name"
      RAMET_JAVA_HOME=$(find_jdk) && return 0
    fi
  done
  fetch_jdk
  RAMET_JAVA_HOME=$(find_jdk) || die "no JDK 25 found or obtainable: install one below /usr/lib/jvm and run this again"
}

fetch_jdk() {
  local arch query answer link sum work
  case $(uname -m) in
    x86_64) arch=x64 ;;
    aarch64) arch=aarch64 ;;
    *) return 0 ;;
  esac
  ensure_packages curl ca-certificates
  step "fetching a JDK 25 from Eclipse Adoptium"
  query="https://api.adoptium.net/v3/assets/latest/25/hotspot?architecture=$arch&image_type=jdk&os=linux&vendor=eclipse"
  answer=$(curl -fsSL --max-time 30 "$query") || { say "api.adoptium.net does not answer"; return 0; }
  link=$(grep -oE '"link": *"[^"]+\.tar\.gz"' <<<"$answer" | head -n 1 | cut -d '"' -f 4)
  sum=$(grep -oE '"checksum": *"[0-9a-f]{64}"' <<<"$answer" | head -n 1 | cut -d '"' -f 4)
  [[ -n $link && -n $sum ]] || { say "api.adoptium.net gave no JDK 25 for $arch"; return 0; }
  mkdir -p /usr/lib/jvm
  work=$(mktemp -d -p /usr/lib/jvm .fetch.XXXXXX)
  if curl -fsSL --max-time 900 -o "$work/jdk.tar.gz" "$link" \
    && printf '%s  %s\n' "$sum" "$work/jdk.tar.gz" | sha256sum --check --quiet; then
    mkdir "$work/jdk"
    tar -xzf "$work/jdk.tar.gz" -C "$work/jdk" --strip-components=1 && mv -T "$work/jdk" /usr/lib/jvm/temurin-25
  fi
  rm -rf "$work"
}
