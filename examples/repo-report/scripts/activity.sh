#!/usr/bin/env bash
# Prints the number of commits in each of the last months, counted back from the month of HEAD.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

git log --format=%cd --date=format:%Y-%m HEAD -- |
  LAST="$(git log -1 --format=%cd --date=format:%Y-%m HEAD --)" run_awk activity
