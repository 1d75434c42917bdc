#!/usr/bin/env bash
# Joins the parts into one Markdown document. Environment: FILES CHANGES ACTIVITY AUTHORS.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

where=$(git symbolic-ref --quiet --short HEAD) || where="a detached HEAD"
where=$(printf '%s\n' "$where" | run_awk escape)
printf '# Repository report\n\nCommit %s of %s, %s.\n' \
  "$(git rev-parse --short HEAD)" "$where" "$(git log -1 --format=%cd --date=short HEAD --)"
for part in "$FILES" "$CHANGES" "$ACTIVITY" "$AUTHORS"; do
  if [ -n "$part" ]; then printf '\n%s\n' "$part"; fi
done
