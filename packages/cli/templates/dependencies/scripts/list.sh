#!/usr/bin/env bash
# Prints what the lock and manifest files below this folder name, as a table. Writes count=N to $SHEAF_OUTPUT.
set -euo pipefail
export LC_ALL=C

find . \( -name .git -o -name node_modules -o -name vendor -o -name .venv -o -name target \) -prune -o \
  -type f \( -name package-lock.json -o -name 'requirements*.txt' -o -name go.mod -o -name Cargo.lock \) -print0 |
  sort -z | while IFS= read -r -d '' file; do
  # The name of a file goes in as data: awk would take `a=b.txt` for an assignment.
  FILE=$file awk '
    function row(kind, name, version) {
      gsub(/[^ -~]|[|<>`]/, "", name); gsub(/[^ -~]|[|<>`]/, "", version)
      if (name != "") printf "%s\t%s\t%s\n", kind, name, version
    }
    BEGIN { file = ENVIRON["FILE"] }
    { sub(/\r$/, "") }
    file ~ /package-lock\.json$/ && match($0, /^ *"node_modules\/[^"]+": \{/) {
      name = $0; sub(/^ *"(.*node_modules\/)?/, "", name); sub(/": \{.*$/, "", name); sub(/^.*node_modules\//, "", name)
    }
    file ~ /package-lock\.json$/ && name != "" && match($0, /^ *"version": "[^"]*"/) {
      split($0, part, "\""); row("npm", name, part[4]); name = ""
    }
    file ~ /requirements[^\/]*\.txt$/ && match($0, /^ *[A-Za-z0-9][A-Za-z0-9._-]*(\[[^]]*\])? *(==|>=|<=|~=|!=|<|>|;|#|$)/) {
      text = $0; sub(/[ \t]*[;#].*$/, "", text); sub(/^ */, "", text)
      match(text, /^[A-Za-z0-9._-]+/); row("python", substr(text, 1, RLENGTH), substr(text, RLENGTH + 1))
    }
    file ~ /go\.mod$/ {
      sub(/\/\/.*$/, "")
      if ($1 == "require" && $2 == "(") inside = 1
      else if ($1 == ")") inside = 0
      else if ($1 == "require") row("go", $2, $3)
      else if (inside) row("go", $1, $2)
    }
    file ~ /Cargo\.lock$/ && /^name = / { split($0, part, "\""); name = part[2] }
    file ~ /Cargo\.lock$/ && /^version = / && name != "" { split($0, part, "\""); row("cargo", name, part[2]); name = "" }
  ' <"$file"
done | sort -u | awk -F '\t' -v limit="$PARAM_LIMIT" -v output="$SHEAF_OUTPUT" '
  { kinds[$1]++; count++; if (count <= limit) rows = rows "| " $1 " | " $2 " | " $3 " |\n" }
  END {
    print "count=" count + 0 >>output
    if (!count) { print "No npm, Python, Go or Cargo files with dependencies below this folder."; exit }
    printf "%d dependencies", count
    split("npm python go cargo", order, " ")
    for (i = 1; i <= 4; i++) if (kinds[order[i]]) printf "%s%d %s", (said++ ? ", " : ": "), kinds[order[i]], order[i]
    printf ".\n\n| kind | name | version |\n| :-- | :-- | :-- |\n%s", rows
    if (count > limit) printf "\n… and %d more.\n", count - limit
  }'
