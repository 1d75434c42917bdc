# Input: records of `git ls-tree -r -l -z`, one per line. Output: "<object> <path>" of the files to read.
# Environment: KIND (texts, manifests), MAX_BYTES, PARAM_IGNORE (folder names, separated by commas).

BEGIN {
  kind = ENVIRON["KIND"]
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

function is_text(path, name) {
  if (path ~ /^LICENSES\/[^\/]+\.txt$/) return 1
  return toupper(name) ~ /^((UN)?LICEN[SC]ES?|COPYING|MIT-LICENSE)([.-].*)?$/ && name !~ /\.(js|ts|mjs|cjs|py|go|rs|rb|java|c|h|cpp|sh|json|ya?ml|toml|html?|css)$/
}

function is_manifest(name) {
  return name ~ /^(package(-lock)?\.json|npm-shrinkwrap\.json|composer\.json|Cargo\.toml|pyproject\.toml|setup\.cfg|go\.mod|pom\.xml)$/ || name ~ /.\.gemspec$/
}

# A symbolic link (mode 120000) has a path as its contents, not a licence.
$2 == "blob" && $1 != "120000" {
  path = substr($0, index($0, "\t") + 1)
  name = path
  sub(/^.*\//, "", name)
  if (kind == "texts" ? !is_text(path, name) : !is_manifest(name)) next
  if (is_ignored(path)) next
  if ($4 !~ /^[0-9]+$/ || $4 + 0 > ENVIRON["MAX_BYTES"] + 0) next
  print $3 " " path
}
