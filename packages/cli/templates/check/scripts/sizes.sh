#!/usr/bin/env bash
# Prints the files of the last commit that are larger than $PARAM_MAX_KIB.
. "${BASH_SOURCE[0]%/*}/lib.bash"

git ls-tree -r --long --full-tree HEAD | awk -F '\t' -v limit="$PARAM_MAX_KIB" '
  { split($1, part, " +"); if (part[4] + 0 > limit * 1024) printf "too large: %s, %d KiB\n", $2, part[4] / 1024 }' | plain
