#!/usr/bin/env bash
# Fails when $BROKEN is not 0.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"

if [ "$BROKEN" != 0 ]; then fail "broken links: $BROKEN" "the report names file and line; set fail-on-broken=false to report only"; fi
