#!/usr/bin/env bash
# Fails when $FINDINGS is not 0.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"

if [ "$FINDINGS" != 0 ]; then fail "licences missing or unknown: $FINDINGS" "the report names them; add licences, or list folders to leave out in the parameter \`ignore\`"; fi
