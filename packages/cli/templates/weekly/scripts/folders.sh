#!/usr/bin/env bash
# Prints which folders at the top changed most.
. "${BASH_SOURCE[0]%/*}/lib.bash"

has_commits || { echo 'Nowhere.'; exit 0; }
recent --no-renames --numstat --format= | plain | awk -F '\t' '
  NF == 3 { folder = index($3, "/") ? substr($3, 1, index($3, "/") - 1) "/" : "."; lines[folder] += $1 + $2; changes[folder]++ }
  END { for (folder in lines) printf "%d\t%d\t%s\n", lines[folder], changes[folder], folder }' |
  sort -t "$(printf '\t')" -k1,1nr -k3 | awk -F '\t' '
  NR == 1 { print "| folder | changes | lines |\n| :-- | --: | --: |" }
  NR <= 20 { printf "| %s | %d | %d |\n", $3, $2, $1 }
  END { if (!NR) print "Nowhere." }'
