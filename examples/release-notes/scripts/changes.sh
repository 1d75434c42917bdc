#!/usr/bin/env bash
# Prints the commits of $RANGE as Markdown sections. Merge commits are left out.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

tmp=$(mktemp -d)
trap 'rm -rf -- "$tmp"' EXIT

# Bodies can be long, so git finds the breaking ones and only subjects go through awk.
git log --no-merges -E --grep='^BREAKING[ -]CHANGE: ' --format=%H "$RANGE" -- >"$tmp/breaking"
git log --no-merges -z --format='%H %h %s' "$RANGE" -- | nul_to_lines |
  BREAKING="$tmp/breaking" run_awk changes
