#!/usr/bin/env bash
# Writes $TEXT to the file $PARAM_WRITE.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"

folder=$(dirname -- "$PARAM_WRITE")
if [ -d "$PARAM_WRITE" ]; then fail "is a folder: $PARAM_WRITE" "name a file, for example NOTES.md"; fi
if [ ! -d "$folder" ]; then fail "no such folder: $folder" "make it first, or name another file"; fi
printf '%s\n' "$TEXT" >"$PARAM_WRITE"
printf 'wrote %s\n' "$PARAM_WRITE" | tr -d '\001-\011\013-\037\177'
