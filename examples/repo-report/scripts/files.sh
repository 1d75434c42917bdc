#!/usr/bin/env bash
# Prints the largest files of HEAD and the size by file type; writes the totals to $SHEAF_OUTPUT.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

tmp=$(mktemp -d)
trap 'rm -rf -- "$tmp"' EXIT

# "<bytes><tab><path>" of every file; submodules have no size, nor have objects that a partial clone lacks.
git ls-tree -r -l -z --full-tree HEAD | nul_to_lines |
  awk '{ tab = index($0, "\t"); if ($2 == "blob") print $4 "\t" substr($0, tab + 1) }' >"$tmp/files"

sort -t "$(printf '\t')" -k1,1nr -k2 "$tmp/files" | run_awk largest
run_awk types <"$tmp/files"
awk '{ files++; bytes += $1 } END { printf "{\"files\": %d, \"bytes\": %.0f}\n", files, bytes }' "$tmp/files" >>"${SHEAF_OUTPUT:-/dev/stdout}"
