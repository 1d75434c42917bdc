#!/usr/bin/env bash
# Prints who wrote the commits of the last $PARAM_DAYS days.
set -euo pipefail
export LC_ALL=C

if ! git rev-parse --verify --quiet 'HEAD^{commit}' >/dev/null 2>&1; then
  echo 'No authors to count: this folder is not in a git repository, or the repository is empty.'
  exit 0
fi
printf '| author | commits |\n| :-- | --: |\n'
# Names are other people's text: control characters and table bars are taken out.
git --no-pager -c color.ui=false -c log.showSignature=false log --no-merges --since="$PARAM_DAYS days ago" --format=%aN HEAD -- |
  tr -d '\000-\011\013-\037\177|<' | awk '{ count[$0]++ } END { for (name in count) printf "%d\t%s\n", count[name], name }' |
  sort -t "$(printf '\t')" -k1,1nr -k2 | awk -F '\t' 'NR <= 20 { printf "| %s | %d |\n", $2, $1 }'
