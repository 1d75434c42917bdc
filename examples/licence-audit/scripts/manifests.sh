#!/usr/bin/env bash
# Prints the licences that manifests and npm lockfiles declare; writes {"manifests", "dependencies", "unknown"} to $SHEAF_OUTPUT.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

tmp=$(mktemp -d)
trap 'rm -rf -- "$tmp"' EXIT

git ls-tree -r -l -z --full-tree HEAD | nul_to_lines >"$tmp/tree"
KIND=texts MAX_BYTES=1048576 run_awk select <"$tmp/tree" >"$tmp/texts"
KIND=manifests MAX_BYTES=33554432 run_awk select <"$tmp/tree" |
  git cat-file --batch='%(objectsize) %(rest)' | tr '\000' '\002' | TEXTS="$tmp/texts" run_awk spdx batch json manifests
