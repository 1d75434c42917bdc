#!/usr/bin/env bash
# Prints how many source files carry an SPDX-License-Identifier and which; writes {"headers", "sources"} to $SHEAF_OUTPUT.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

tmp=$(mktemp -d)
trap 'rm -rf -- "$tmp"' EXIT

# A header is a comment: only the marks of one may stand before it, so that code about headers is not counted.
pattern='^[^A-Za-z0-9"'\'']*(dnl |rem |REM )?SPDX-License-Identifier:'
status=0
git grep -I -z -E --full-name --no-line-number --no-column -e "$pattern" HEAD -- >"$tmp/found" || status=$?
if [ "$status" -gt 1 ]; then fail "git grep could not read the files of HEAD" "a partial clone lacks contents: git fetch --refetch --filter=tree:0, or clone in full"; fi

git ls-tree -r -z --name-only --full-tree HEAD | nul_to_lines >"$tmp/tracked"
nul_to_lines <"$tmp/found" | TRACKED="$tmp/tracked" run_awk spdx headers
