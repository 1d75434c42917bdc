# shellcheck shell=bash
# Sourced by the scripts of this workflow: strict mode, and git as it is without the settings of whoever runs it.
set -euo pipefail
export LC_ALL=C GIT_OPTIONAL_LOCKS=0

has_commits() { git rev-parse --verify --quiet 'HEAD^{commit}' >/dev/null 2>&1; }

# The commits of the last $PARAM_DAYS days, in the form that is asked for.
recent() {
  git --no-pager -c color.ui=false -c log.showSignature=false log --no-merges --since="$PARAM_DAYS days ago" "$@" HEAD --
}

# Text that others wrote: control characters and markup are taken out.
plain() { tr -d '\000-\010\013-\037\177<>|'; }
