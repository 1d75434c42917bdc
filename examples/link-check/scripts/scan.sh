#!/usr/bin/env bash
# Checks the relative links of the Markdown files and prints the broken ones, one per table row; writes
# {"files", "links", "broken"} to $SHEAF_OUTPUT. Environment: PARAM_SOURCE (commit, staged), PARAM_ANCHORS, PARAM_IGNORE.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

tmp=$(mktemp -d)
trap 'rm -rf -- "$tmp"' EXIT

# "<mode> <object> <path>" of every file, from the last commit or from what the next one would be.
if [ "${PARAM_SOURCE:-commit}" = staged ]; then
  git ls-files --stage -z --full-name | nul_to_lines | awk '{ print $1, $2, substr($0, index($0, "\t") + 1) }' >"$tmp/files"
else
  git ls-tree -r -z --full-tree HEAD | nul_to_lines | awk '{ print $1, $3, substr($0, index($0, "\t") + 1) }' >"$tmp/files"
fi

export FILES=$tmp/files
run_awk select <"$FILES" | git cat-file --batch='%(objectsize) %(rest)' | tr '\000' '\002' |
  run_awk batch slug links
