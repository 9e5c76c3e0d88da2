#!/usr/bin/env bash
# Prints the path of a program whose name and place differ between systems; fails silently when it is not there.
#   scripts/find.sh mariadb | mariadb-install | chromium
set -euo pipefail

# Servers live in sbin folders that are not on everybody's PATH.
PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/libexec:/usr/local/mysql/bin:/opt/homebrew/bin

# first NAME... prints the path of the first name that can be run.
first() {
  local name
  for name in "$@"; do
    if [[ -n $name ]] && command -v "$name"; then return 0; fi
  done
  return 1
}

case ${1:-} in
  mariadb) first "${MARIADBD:-}" mariadbd mysqld ;;
  mariadb-install) first mariadb-install-db mysql_install_db ;;
  chromium) first "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ;;
  *) echo "scripts/find.sh: no way to find \"${1:-}\" is known" >&2; exit 2 ;;
esac
