#!/usr/bin/env bash
# Joins the parts into one Markdown document. Environment: TITLE DATE FROM COMMITS SHALLOW CHANGES PEOPLE STATS.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"

# The title and the tag come from the repository or the caller: escaped like any other text of theirs.
heading=$(printf '%s\n' "$TITLE" | run_awk escape)
since="from the beginning of the history"
if [ -n "$FROM" ]; then since="since $(printf '%s\n' "$FROM" | run_awk escape)"; fi
noun=commits
if [ "$COMMITS" = 1 ]; then noun=commit; fi

printf '## %s (%s)\n\n' "$heading" "$DATE"
printf '%s %s %s%s.\n' "$COMMITS" "$noun" "$since" "${STATS:+; $STATS}"
if [ "$SHALLOW" = true ]; then printf '\nThis clone is shallow: earlier commits are not counted.\n'; fi
printf '\n%s\n' "$CHANGES"
if [ -n "$PEOPLE" ]; then printf '\n### Contributors\n\n%s\n' "$PEOPLE"; fi
