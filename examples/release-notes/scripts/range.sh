#!/usr/bin/env bash
# Decides which commits the notes cover. Writes range, from, title, date, commits, shallow to $SHEAF_OUTPUT.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname -- "$0")/lib.bash"
enter_repository

match=${PARAM_MATCH:-*}
to=${PARAM_TO:-HEAD}
from=${PARAM_FROM:-}

# The commit a ref names. A leading dash would be read as an option.
commit_of() {
  case $1 in -*) fail "not a tag, branch or commit: $1" ;; esac
  git rev-parse --verify --quiet "$1^{commit}" || fail "no such tag, branch or commit: $1" "\`git tag\` lists the tags; a shallow clone may lack it (git fetch --tags --unshallow)"
}

to_commit=$(commit_of "$to")
tag=$(git describe --tags --exact-match --match "$match" "$to_commit" 2>/dev/null) || tag=

if [ -n "$from" ]; then
  from_commit=$(commit_of "$from")
else
  # The notes of a tagged commit begin at the tag before it.
  start=$to_commit
  if [ -n "$tag" ]; then start=$(git rev-parse --verify --quiet "$to_commit^1") || start=; fi
  from_commit=
  if [ -n "$start" ] && from=$(git describe --tags --abbrev=0 --match "$match" "$start" 2>/dev/null); then
    from_commit=$(commit_of "refs/tags/$from")
  fi
fi

# One line of valid UTF-8 each: a newline in a title would otherwise write another output.
one_line() {
  printf '%s\n' "$1" | tr '\n' '\001' | run_awk line
}

range=${from_commit:+$from_commit..}$to_commit
title=${PARAM_TITLE:-${tag:-Unreleased}}
{
  printf 'range=%s\n' "$range"
  printf 'from=%s\n' "$(one_line "$from")"
  printf 'title=%s\n' "$(one_line "$title")"
  printf 'date=%s\n' "$(git log -1 --format=%cd --date=short "$to_commit" --)"
  printf 'commits=%s\n' "$(git rev-list --count --no-merges "$range" --)"
  printf 'shallow=%s\n' "$(git rev-parse --is-shallow-repository)"
} >>"${SHEAF_OUTPUT:-/dev/stdout}"
