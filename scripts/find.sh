#!/usr/bin/env bash
# Prints the path of a program whose name and place differ between systems; fails silently when it is not there.
#   scripts/find.sh mariadb | mariadb-install | postgres | postgres-initdb | chromium
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

# The programs of a PostgreSQL server are on no PATH in Debian: each version has a folder.
postgres_folder=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)

case ${1:-} in
  mariadb) first "${MARIADBD:-}" mariadbd mysqld ;;
  mariadb-install) first mariadb-install-db mysql_install_db ;;
  postgres) PATH=$PATH:$postgres_folder first "${POSTGRES:-}" postgres ;;
  postgres-initdb) PATH=$PATH:$postgres_folder first initdb ;;
  chromium) first "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ;;
  *) echo "scripts/find.sh: no way to find \"${1:-}\" is known" >&2; exit 2 ;;
esac
