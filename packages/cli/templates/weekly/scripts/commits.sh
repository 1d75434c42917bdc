#!/usr/bin/env bash
# Prints how many commits there were by whom, and the latest of them. Writes commits=N to $SHEAF_OUTPUT.
. "${BASH_SOURCE[0]%/*}/lib.bash"

if ! has_commits; then
  echo 'commits=0' >>"$SHEAF_OUTPUT"
  echo 'No commits: this folder is not in a git repository, or the repository is empty.'
  exit 0
fi
recent --date=short --format='%ad%x09%aN%x09%s' | plain | awk -F '\t' -v output="$SHEAF_OUTPUT" '
  { count++; people[$2]++; if (count <= 20) latest = latest "- " $1 " " $3 " (" $2 ")\n" }
  END {
    print "commits=" count + 0 >>output
    for (name in people) authors++
    printf "%d %s by %d %s.\n", count, (count == 1 ? "commit" : "commits"), authors, (authors == 1 ? "person" : "people")
    if (count) printf "\n## Latest\n\n%s", latest
    if (count > 20) printf "- … and %d more\n", count - 20
  }'
