#!/usr/bin/env bash
# Prints the licence texts of the repository and what they are; writes {"texts": n, "unknown_texts": n} to $SHEAF_OUTPUT.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

# LICENSE, LICENCE, COPYING, UNLICENSE with any ending, at any depth, and the files of a REUSE folder LICENSES/.
git ls-tree -r -l -z --full-tree HEAD | nul_to_lines | KIND=texts MAX_BYTES=1048576 run_awk select |
  git cat-file --batch='%(objectsize) %(rest)' | tr '\000' '\002' | run_awk batch texts
