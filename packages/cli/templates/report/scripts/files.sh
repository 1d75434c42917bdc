#!/usr/bin/env bash
# Prints how many files of each type the last commit holds, or else the folder; writes {"count": n} to $SHEAF_OUTPUT.
set -euo pipefail
export LC_ALL=C

# NUL-separated, because a file name may hold a newline; the two are swapped for awk.
list() {
  if git rev-parse --verify --quiet 'HEAD^{commit}' >/dev/null 2>&1; then
    git ls-tree -r -z --full-tree --name-only HEAD
  else
    find . -name .git -prune -o -type f -print0
  fi | tr '\n\000' '\001\n'
}

list | awk 'END { printf "{\"count\": %d}\n", NR }' >>"$SHEAF_OUTPUT"
printf '| type | files |\n| :-- | --: |\n'
list | awk '{ sub(/^.*\//, ""); type = match($0, /.\.[A-Za-z0-9]+$/) ? substr($0, RSTART + 1) : "(none)"; count[type]++ }
  END { for (type in count) printf "%d\t%s\n", count[type], type }' |
  sort -t "$(printf '\t')" -k1,1nr -k2 | awk -F '\t' 'NR <= 20 { printf "| `%s` | %d |\n", $2, $1 }'
