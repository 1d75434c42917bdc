#!/usr/bin/env bash
# Prints who wrote the commits and when; writes the number of commits and authors to $SHEAF_OUTPUT. No e-mail addresses.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

tmp=$(mktemp -d)
trap 'rm -rf -- "$tmp"' EXIT

# "<commits><tab><first day><tab><last day><tab><name>"; .mailmap decides who is who.
git log --no-merges --format='%ad %aN' --date=short HEAD -- | awk '
  { name = substr($0, length($1) + 2); commits[name]++
    if (!(name in first) || $1 < first[name]) first[name] = $1
    if (!(name in last) || $1 > last[name]) last[name] = $1 }
  END { for (name in commits) printf "%d\t%s\t%s\t%s\n", commits[name], first[name], last[name], name }
' | sort -t "$(printf '\t')" -k1,1nr -k4 >"$tmp/authors"

run_awk authors <"$tmp/authors"
awk -F '\t' '{ commits += $1 } END { printf "{\"authors\": %d, \"commits\": %d}\n", NR, commits }' "$tmp/authors" >>"${SHEAF_OUTPUT:-/dev/stdout}"
