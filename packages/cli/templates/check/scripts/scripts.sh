#!/usr/bin/env bash
# Prints the shell scripts of the last commit that bash cannot parse. They are read, never run.
. "${BASH_SOURCE[0]%/*}/lib.bash"

git ls-tree -r -z --full-tree --name-only HEAD | while IFS= read -r -d '' file; do
  case $file in *.sh | *.bash) ;; *) continue ;; esac
  fault=$(git cat-file blob "HEAD:$file" | bash -n 2>&1) && continue
  printf 'does not parse: %q: %s\n' "$file" "${fault%%$'\n'*}" | plain
done
