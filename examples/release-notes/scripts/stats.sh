#!/usr/bin/env bash
# Prints one line: how many files and lines $RANGE changed. Without a starting point it compares with the empty tree.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

case $RANGE in
*..*) from=${RANGE%%..*} ;;
*) from=$(git hash-object -t tree /dev/null) ;;
esac
line=$(git diff --shortstat -O/dev/null --no-ext-diff --no-textconv "$from" "${RANGE##*..}" --)
printf '%s\n' "${line# }"
