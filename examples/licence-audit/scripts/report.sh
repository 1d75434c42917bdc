#!/usr/bin/env bash
# Joins the parts into one Markdown document with the verdict first; writes {"findings": n} to $SHEAF_OUTPUT.
# Environment: TEXTS MANIFESTS HEADERS, TEXT_COUNT and the UNKNOWN_… of each part.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

findings=$((UNKNOWN_TEXTS + UNKNOWN_MANIFESTS + UNKNOWN_HEADERS))
if [ "$TEXT_COUNT" -eq 0 ]; then findings=$((findings + 1)); fi

printf '# Licence audit\n\nCommit %s, %s.\n\n' "$(git rev-parse --short HEAD)" "$(git log -1 --format=%cd --date=short HEAD --)"
if [ "$findings" -eq 0 ]; then
  printf 'Every licence is declared and known.\n'
else
  printf '**Missing or unknown: %s** (manifests and lockfiles %s, licence texts %s, headers %s' "$findings" "$UNKNOWN_MANIFESTS" "$UNKNOWN_TEXTS" "$UNKNOWN_HEADERS"
  if [ "$TEXT_COUNT" -eq 0 ]; then printf ', no licence text at all'; fi
  printf ').\n'
fi
for part in "$TEXTS" "$MANIFESTS" "$HEADERS"; do
  if [ -n "$part" ]; then printf '\n%s\n' "$part"; fi
done
printf '{"findings": %s}\n' "$findings" >>"${SHEAF_OUTPUT:-/dev/stderr}"
