#!/usr/bin/env bash
# Prints the files and directories that most of the recent commits changed. Merge commits are left out.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

tmp=$(mktemp -d)
trap 'rm -rf -- "$tmp"' EXIT

git ls-tree -r -z --full-tree --name-only HEAD | nul_to_lines >"$tmp/tracked"
git rev-list --no-merges --max-count="${PARAM_COMMITS:-10000}" HEAD -- |
  git diff-tree --stdin -r -z --raw --root --no-renames --no-ext-diff | nul_to_lines |
  TRACKED="$tmp/tracked" SHALLOW="$(git rev-parse --is-shallow-repository)" run_awk changes
