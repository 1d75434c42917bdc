# shellcheck shell=bash
# Sourced by the scripts of this workflow: strict mode, and git as it is without the settings of whoever runs it.
set -euo pipefail
export LC_ALL=C GIT_OPTIONAL_LOCKS=0

git() { command git --no-pager -c color.ui=false -c core.quotePath=true -c core.fsmonitor=false "$@"; }

# Nothing to look at is no finding.
git rev-parse --verify --quiet 'HEAD^{commit}' >/dev/null 2>&1 || exit 0

# What can be shown of a line that others wrote.
plain() { tr -d '\000-\010\013-\037\177'; }
