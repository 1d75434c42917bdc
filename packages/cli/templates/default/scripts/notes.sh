#!/usr/bin/env bash
# Prints notes about the latest $PARAM_COMMITS commits; writes repository=yes or no to $SHEAF_OUTPUT.
set -euo pipefail

if ! git rev-parse --verify --quiet 'HEAD^{commit}' >/dev/null 2>&1; then
  echo 'repository=no' >>"$SHEAF_OUTPUT"
  echo 'No commits to note: this folder is not in a git repository, or the repository is empty.'
  exit 0
fi
echo 'repository=yes' >>"$SHEAF_OUTPUT"

echo "Notes about the latest commits:"
# Subjects and names are other people's text: control characters would reach the terminal of whoever reads this.
git --no-pager -c color.ui=false -c log.showSignature=false log --no-merges -n "$PARAM_COMMITS" \
  --date=short --format='- %ad %s (%aN)' | LC_ALL=C tr -d '\000-\010\013-\037\177'

echo
LC_ALL=C git --no-pager -c color.ui=false log --no-merges -n "$PARAM_COMMITS" --no-renames --numstat --format= |
  awk -F '\t' 'NF == 3 { files[$3] = 1; added += $1; removed += $2 }
    END { for (file in files) count++; printf "They changed %d files: %d lines added, %d removed.\n", count, added, removed }'
