#!/usr/bin/env bash
# Makes sure that the named tools are here: installs what apt-get can, and otherwise says in one line what is missing.
#   scripts/need.sh "make test" go node cc mariadb postgres chromium sip
set -euo pipefail
cd "$(dirname "$0")/.."

goal=$1
shift
mariadb=${MARIADBD:-} chromium=${CHROMIUM:-}
export MARIADBD=$mariadb CHROMIUM=$chromium

# missing WHAT HINT [WHY] ends the run with one line.
missing() {
  echo "$goal needs $1: $2 and run again${3:+ ($3)}" >&2
  exit 1
}

# apt PACKAGE... installs as root or by a sudo that asks for no password. The package lists are fetched only when
# those at hand do not do. On failure the last line of apt's words is left in $why.
apt() {
  local as=() log
  command -v apt-get >/dev/null || { why="there is no apt-get here"; return 1; }
  if [[ $(id -u) != 0 ]]; then
    sudo -n true 2>/dev/null || { why="not root, and sudo cannot be used without a password"; return 1; }
    as=(sudo -n)
  fi
  log=$(mktemp)
  echo "$goal: installing $*" >&2
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@")
  if "${as[@]}" "${install[@]}" >"$log" 2>&1 ||
    { "${as[@]}" apt-get -o DPkg::Lock::Timeout=120 update >"$log" 2>&1 && "${as[@]}" "${install[@]}" >>"$log" 2>&1; }; then
    rm -f "$log"
    return 0
  fi
  why="apt-get: $(grep -m1 '^E:' "$log" || tail -n 1 "$log")"
  rm -f "$log"
  return 1
}

# package WHAT PACKAGES CHECK... installs the packages unless the check passes, and checks again.
package() {
  local what=$1 packages=$2 why=""
  shift 2
  if "$@" >/dev/null 2>&1; then return 0; fi
  # shellcheck disable=SC2086 # several packages are several words
  apt $packages || true
  "$@" >/dev/null 2>&1 || missing "$what" "install the package ${packages// / and }" "$why"
}

# node_is_new_enough: Vite asks for 20.19.
node_is_new_enough() {
  command -v npm && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'
}

postgres_is_here() { scripts/find.sh postgres && scripts/find.sh postgres-initdb; }

mariadb_is_here() { scripts/find.sh mariadb; }

# sip_is_here: the server, its module that asks over HTTP, and the phones.
sip_is_here() {
  PATH=$PATH:/usr/sbin command -v kamailio && command -v sipp && find /usr/lib /usr/local/lib* -name http_client.so 2>/dev/null | grep -q .
}

for tool in "$@"; do
  case $tool in
    go) command -v go >/dev/null || missing "Go" "install the version named in go.mod from https://go.dev/dl/" ;;
    node) node_is_new_enough >/dev/null 2>&1 || missing "Node.js 20.19 or newer with npm" "install it from https://nodejs.org/" ;;
    cc) package "a C compiler (for the race detector)" "gcc libc6-dev" command -v "${CC:-gcc}" ;;
    # A server that somebody else runs does as well as our own.
    mariadb) [[ -n ${CALLHUE_TEST_MYSQL:-} ]] || package "MariaDB" mariadb-server mariadb_is_here ;;
    postgres) [[ -n ${CALLHUE_TEST_POSTGRES:-} ]] || package "PostgreSQL" postgresql postgres_is_here ;;
    chromium) package "Chromium" chromium scripts/find.sh chromium ;;
    sip) package "Kamailio and SIPp" "kamailio kamailio-utils-modules sip-tester" sip_is_here ;;
    shellcheck) package "ShellCheck" shellcheck command -v shellcheck ;;
    *) echo "scripts/need.sh: unknown tool $tool" >&2; exit 2 ;;
  esac
done
