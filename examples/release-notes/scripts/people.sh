#!/usr/bin/env bash
# Prints who wrote the commits of $RANGE, authors and co-authors, by number of commits. E-mail addresses are not printed.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

git log --no-merges --format='%aN%n%(trailers:key=Co-authored-by,valueonly)' "$RANGE" -- |
  awk '{ sub(/ *<[^<>]*> *$/, "") } $0 != "" { count[$0]++ } END { for (name in count) printf "%d\t%s\n", count[name], name }' |
  sort -t "$(printf '\t')" -k1,1nr -k2 |
  run_awk people
