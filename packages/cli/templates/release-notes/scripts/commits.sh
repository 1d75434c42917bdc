#!/usr/bin/env bash
# Prints the commits after $PARAM_SINCE as sections: features, fixes, the rest. Writes count=N to $SHEAF_OUTPUT.
set -euo pipefail
export LC_ALL=C

log() { git --no-pager -c color.ui=false -c log.showSignature=false log "$@"; }

if ! git rev-parse --verify --quiet 'HEAD^{commit}' >/dev/null 2>&1; then
  echo 'count=0' >>"$SHEAF_OUTPUT"
  echo 'No commits: this folder is not in a git repository, or the repository is empty.'
  exit 0
fi
since=$PARAM_SINCE
if [ -z "$since" ]; then since=$(git describe --tags --abbrev=0 2>/dev/null) || since=; fi
if [ -n "$since" ] && ! git rev-parse --verify --quiet "$since^{commit}" >/dev/null; then
  echo "no such tag, branch or commit: $since (a shallow clone may lack it: git fetch --tags --unshallow)" >&2
  exit 1
fi

# Subjects are other people's text: control characters and markup are taken out.
log --no-merges --format='%h %s' "${since:+$since..}HEAD" -- | tr -d '\000-\011\013-\037\177<>' |
  awk -v since="${since:-the beginning}" -v output="$SHEAF_OUTPUT" '
    {
      hash = $1
      text = substr($0, length(hash) + 2)
      kind = 3
      if (match(text, /^(feat|feature)(\([^()]*\))?!?: /)) { kind = 1; text = substr(text, RLENGTH + 1) }
      else if (match(text, /^(fix|bugfix)(\([^()]*\))?!?: /)) { kind = 2; text = substr(text, RLENGTH + 1) }
      list[kind] = list[kind] "- " text " (" hash ")\n"
      count++
    }
    END {
      print "count=" count + 0 >>output
      printf "%d %s since %s.\n", count, (count == 1 ? "commit" : "commits"), since
      split("Features,Fixes,Other changes", title, ",")
      for (kind = 1; kind <= 3; kind++) if (list[kind] != "") printf "\n### %s\n\n%s", title[kind], list[kind]
    }'
