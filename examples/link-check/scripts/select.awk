# Input: "<mode> <object> <path>" per line. Output: "<object> <path>" of the Markdown files to read.
# Environment: PARAM_IGNORE (folder names, separated by commas).

BEGIN {
  count = split(ENVIRON["PARAM_IGNORE"], part, ",")
  for (i = 1; i <= count; i++) {
    gsub(/^[ \t]+|[ \t\/]+$/, "", part[i])
    if (part[i] != "") ignored[part[i]] = 1
  }
}

function is_ignored(path,    folder, depth, i) {
  depth = split(path, folder, "/")
  for (i = 1; i < depth; i++) if (folder[i] in ignored) return 1
  return 0
}

$1 ~ /^100/ {
  path = substr($0, length($1) + length($2) + 3)
  if (tolower(path) ~ /\.(md|markdown)$/ && !is_ignored(path)) print $2 " " path
}
