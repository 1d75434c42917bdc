#!/usr/bin/env bash
# Puts the heading over $FINDINGS.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

what="Commit $(git rev-parse --short HEAD)"
if [ "${PARAM_SOURCE:-commit}" = staged ]; then what="What is staged over commit $(git rev-parse --short HEAD)"; fi
printf '# Link check\n\n%s: %s\n' "$what" "$FINDINGS"
