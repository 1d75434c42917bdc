# Reads package manifests and npm lockfiles and prints the licences they declare.
# Environment: TEXTS (file with the paths of the licence texts), SHEAF_OUTPUT.

BEGIN {
  while ((getline line < ENVIRON["TEXTS"]) > 0) {
    sub(/^[^ ]* /, "", line)
    sub(/[^\/]*$/, "", line)
    has_text[line] = 1
  }
}

function file_start(path) {
  current = path
  kind = path
  sub(/^.*\//, "", kind)
  if (kind ~ /\.gemspec$/) kind = "gemspec"
  if (kind == "npm-shrinkwrap.json") kind = "package-lock.json"
  is_package = is_private = is_inherited = is_recorded = entries = 0
  name = declared = licence_file = classifier = section = ""
  json_start()
}

function file_line(line) {
  if (kind ~ /\.json$/) json_line(line)
  else if (kind ~ /\.toml$|\.cfg$/) table_line(line)
  else if (kind == "go.mod") { if (line ~ /^module[ \t]/) { is_package = 1; name = value_of(substr(line, 8)) } }
  else if (kind == "gemspec") gemspec_line(line)
  else if (kind == "pom.xml") pom_line(line)
}

function file_end() {
  if (kind == "package-lock.json") { lockfile_end(); return }
  if (!is_package) return
  manifests++
  if (declared == "" && classifier != "") declared = classifier
  row[manifests] = sprintf("| %s | %s | %s |", code(clip(current, 300)), prose(clip(name, 100)), verdict())
}

function verdict(    known) {
  if (declared != "") {
    known = spdx(declared)
    if (known != "") { share[known]++; return prose(known) }
    if (toupper(declared) == "UNLICENSED") { share["proprietary"]++; return "proprietary (UNLICENSED)" }
    if (declared ~ /^[Ss][Ee][Ee] [Ll][Ii][Cc][Ee][Nn][SsCc][Ee] [Ii][Nn] /) { share["own text"]++; return prose(clip(declared, 100)) }
    unknown++
    return "**unknown**: " prose(clip(declared, 100))
  }
  if (licence_file != "") { share["own text"]++; return "text in " code(clip(licence_file, 100)) }
  if (is_inherited) { share["inherited"]++; return "inherited" }
  if (is_private) { share["private"]++; return "none, private" }
  if (kind == "go.mod" && text_above(current)) { share["own text"]++; return "licence text beside it" }
  unknown++
  return "**missing**"
}

function text_above(path) {
  while (sub(/[^\/]*$/, "", path) && path != "") {
    if (path in has_text) return 1
    sub(/\/$/, "", path)
  }
  return "" in has_text
}

# --- package.json, composer.json, package-lock.json

function json_open() {
  if (kind == "package-lock.json" && json_depth == 3 && json_key[1] == "packages") entry_licence = entry_version = entry_link = ""
}

function json_close() {
  if (kind == "package-lock.json" && json_depth == 3 && json_key[1] == "packages") entry_end(json_key[2])
}

function json_value(text) {
  if (kind == "package-lock.json") {
    if (json_depth != 3 || json_key[1] != "packages") return
    if (json_key[3] == "license") entry_licence = text
    else if (json_key[3] == "version") entry_version = text
    else if (json_key[3] == "link") entry_link = text
    return
  }
  if (json_depth == 1 && json_key[1] == "name") { name = text; is_package = 1 }
  else if (json_depth == 1 && json_key[1] == "private") is_private = text == "true"
  else if (json_depth == 1 && json_key[1] == "license") add_licence(text)
  else if (json_depth == 2 && json_key[1] == "license" && (json_kind[2] == "[" || json_key[2] == "type")) add_licence(text)
  else if (json_key[1] == "licenses" && (json_depth == 2 || (json_depth == 3 && json_key[3] == "type"))) add_licence(text)
}

function add_licence(text) {
  if (text != "" && text != "null") declared = declared == "" ? text : declared " OR " text
}

# An entry without node_modules/ in its path is the project itself or one of its workspaces.
function entry_end(path,    known) {
  if (path !~ /(^|\/)node_modules\// || entry_link == "true") return
  entries++
  if (entry_licence != "") {
    is_recorded = 1
    known = spdx(entry_licence)
    if (known != "") { locked[known]++; return }
  }
  sub(/^.*node_modules\//, "", path)
  pending[entries] = sprintf("| %s | %s | %s |", code(clip(path, 200) (entry_version == "" ? "" : "@" clip(entry_version, 60))), code(clip(current, 200)),
    (entry_licence == "" ? "**missing**" : "**unknown**: " prose(clip(entry_licence, 100))))
}

# Old lockfiles record no licences at all: that says nothing about the packages, so it is one finding, not hundreds.
function lockfile_end(    i) {
  lockfiles++
  dependencies += entries
  if (!is_recorded) { unrecorded[lockfiles] = current; return }
  for (i = 1; i <= entries; i++) {
    if (!(i in pending)) continue
    unknown++
    finding[++findings] = pending[i]
  }
  for (i in pending) delete pending[i]
}

# --- Cargo.toml, pyproject.toml, setup.cfg

function value_of(text) {
  sub(/^[ \t]*/, "", text)
  if (match(text, /^"[^"]*"/) || match(text, /^'[^']*'/)) return substr(text, 2, RLENGTH - 2)
  sub(/[ \t]*(#.*)?$/, "", text)
  return text
}

function inline_value(text, key) {
  if (!match(text, "[{,][ \t]*" key "[ \t]*=[ \t]*")) return ""
  return value_of(substr(text, RSTART + RLENGTH))
}

function table_line(line,    key, value) {
  if (match(line, /^[ \t]*\[[^]]*\]/)) {
    section = substr(line, RSTART, RLENGTH)
    gsub(/[][ \t"]/, "", section)
    if (section ~ /^(package|project|tool\.poetry|metadata)$/) is_package = 1
    return
  }
  if (match(line, /License :: [^"',]*/)) classifier = substr(line, RSTART, RLENGTH)
  if (line ~ /Private :: /) is_private = 1
  if (section !~ /^(package|project|tool\.poetry|metadata|project\.license)$/) return
  if (!match(line, /^[ \t]*[A-Za-z0-9_.-]+[ \t]*=/)) return
  key = substr(line, 1, RLENGTH - 1)
  gsub(/[ \t]/, "", key)
  value = substr(line, RLENGTH + 1)
  if (section == "project.license") key = "license." key
  if (key == "name") name = value_of(value)
  else if (key == "license-file" || key == "license.file") licence_file = value_of(value)
  else if (key == "license.text") declared = value_of(value)
  else if (key == "license.workspace") is_inherited = 1
  else if (key == "publish" && value ~ /^[ \t]*false/) is_private = 1
  else if (key == "license" && value ~ /^[ \t]*\{/) {
    declared = inline_value(value, "text")
    licence_file = inline_value(value, "file")
    if (value ~ /workspace[ \t]*=[ \t]*true/) is_inherited = 1
  } else if (key == "license") declared = value_of(value)
}

# --- *.gemspec, pom.xml

function gemspec_line(line) {
  is_package = 1
  if (match(line, /\.name[ \t]*=[ \t]*["'][^"']*/)) { name = substr(line, RSTART, RLENGTH); sub(/^[^"']*["']/, "", name) }
  if (line !~ /\.licenses?[ \t]*=/) return
  sub(/^[^=]*=/, "", line)
  while (match(line, /["'][^"']*["']/)) {
    add_licence(substr(line, RSTART + 1, RLENGTH - 2))
    line = substr(line, RSTART + RLENGTH)
  }
}

function pom_line(line) {
  is_package = 1
  if (line ~ /<parent>/) { is_inherited = 1; in_parent = 1 }
  if (line ~ /<\/parent>/) in_parent = 0
  if (name == "" && !in_parent && match(line, /<artifactId>[^<]*/)) name = substr(line, RSTART + 12, RLENGTH - 12)
  if (line ~ /<licenses>/) section = "licenses"
  if (section == "licenses" && match(line, /<name>[^<]*/)) add_licence(substr(line, RSTART + 6, RLENGTH - 6))
  if (line ~ /<\/licenses>/) section = ""
}

# --- report

function print_shares(count, heading,    rank, best, each, found, done) {
  printf "\n| licence | %s |\n| :-- | --: |\n", heading
  for (rank = 1; rank <= 50; rank++) {
    found = 0
    for (each in count) {
      if (each in done) continue
      if (!found || count[each] > count[best] || (count[each] == count[best] && each < best)) { best = each; found = 1 }
    }
    if (!found) break
    done[best] = 1
    printf "| %s | %d |\n", prose(best), count[best]
  }
}

END {
  print "## Declared by manifests\n"
  if (manifests == 0) print "No package manifest declares anything."
  else {
    print "| manifest | package | licence |\n| :-- | :-- | :-- |"
    print_rows(row, manifests, 200, 35000)
  }
  if (lockfiles > 0) {
    printf "\n## Dependencies in npm lockfiles\n\n%s in %s.\n", plural(dependencies, "dependency", "dependencies"), plural(lockfiles, "lockfile", "lockfiles")
    for (i = 1; i <= lockfiles; i++) if (i in unrecorded) printf "\n%s records no licences: write it anew with npm 7 or later.\n", code(clip(unrecorded[i], 300))
    if (dependencies > 0) print_shares(locked, "dependencies")
    if (findings > 0) {
      print "\n| dependency | lockfile | licence |\n| :-- | :-- | :-- |"
      print_rows(finding, findings, 200, 35000)
    }
  }
  output = ENVIRON["SHEAF_OUTPUT"] == "" ? "/dev/stderr" : ENVIRON["SHEAF_OUTPUT"]
  printf "{\"manifests\": %d, \"dependencies\": %d, \"unknown\": %d}\n", manifests, dependencies, unknown > output
}
