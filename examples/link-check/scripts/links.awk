# Collects the links and anchors of Markdown files, then checks every relative link against the tree.
# Environment: FILES (file of "<mode> <object> <path>"), PARAM_ANCHORS, SHEAF_OUTPUT.
# Not Markdown in full: code (fences, spans) and HTML comments are left out, inline links, definitions and HTML attributes read.

BEGIN {
  check_anchors = ENVIRON["PARAM_ANCHORS"] != "false"
  for (code_point = 1; code_point < 256; code_point++) byte[sprintf("%02x", code_point)] = sprintf("%c", code_point)
  while ((getline line < ENVIRON["FILES"]) > 0) {
    split(line, field, " ")
    path = substr(line, length(field[1]) + length(field[2]) + 3)
    tracked[path] = 1
    spelled[tolower(path)] = path
    if (field[1] == "160000") submodule[path] = 1
    while (sub(/\/[^\/]*$/, "", path) && !(path in folders)) {
      folders[path] = 1
      spelled[tolower(path)] = path
    }
  }
  folders[""] = 1
}

function file_start(path) {
  current = path
  read_as_markdown[path] = 1
  files++
  number = 0
  fence = previous = ""
  in_comment = 0
}

function file_line(line) {
  number++
  if (number == 1 && line == "---") { fence = "---"; return } # front matter
  if (fence == "---") { if (line == "---") fence = ""; return }
  if (match(line, /^[ \t>]*(```+|~~~+)/)) { toggle_fence(line); return }
  if (fence != "") return
  if (length(line) > 20000) return
  line = without_code(without_comments(line))
  headings(line)
  anchors(line)
  inline_links(line)
  previous = line
}

function file_end() {}

# A fence closes with the same mark, at least as long.
function toggle_fence(line,    mark) {
  sub(/^[ \t>]*/, "", line)
  match(line, /^(`+|~+)/)
  mark = substr(line, 1, RLENGTH)
  if (fence == "") { if (mark !~ /^`/ || substr(line, RLENGTH + 1) !~ /`/) fence = mark }
  else if (substr(mark, 1, 1) == substr(fence, 1, 1) && length(mark) >= length(fence) && substr(line, RLENGTH + 1) ~ /^[ \t]*$/) fence = ""
  previous = ""
}

function without_comments(line,    out, at) {
  for (;;) {
    if (in_comment) {
      at = index(line, "-->")
      if (at == 0) return out
      line = substr(line, at + 3)
      in_comment = 0
    }
    at = index(line, "<!--")
    if (at == 0) return out line
    out = out substr(line, 1, at - 1)
    line = substr(line, at + 4)
    in_comment = 1
  }
}

# Code spans become their bare text in headings, so the words stay and only what could look like a link goes.
function without_code(line,    out, ticks, rest, at, span) {
  while (match(line, /`+/)) {
    ticks = substr(line, RSTART, RLENGTH)
    out = out substr(line, 1, RSTART - 1)
    rest = substr(line, RSTART + RLENGTH)
    at = closing(rest, ticks)
    if (at == 0) { line = rest; continue }
    span = substr(rest, 1, at - 1)
    gsub(/[][()<>:"'=]/, "", span)
    out = out span
    line = substr(rest, at + length(ticks))
  }
  return out line
}

function closing(text, ticks,    base) {
  base = 0
  while (match(text, /`+/)) {
    if (RLENGTH == length(ticks)) return base + RSTART
    base += RSTART + RLENGTH - 1
    text = substr(text, RSTART + RLENGTH)
  }
  return 0
}

function headings(line,    text) {
  if (line ~ /^ ? ? ?(=+|-+)[ \t]*$/ && previous ~ /[^ \t]/ && previous !~ /^ ? ? ?#/) { add_heading(previous); return }
  if (!match(line, /^[ >]*#+[ \t]+/)) return
  text = substr(line, RLENGTH + 1)
  sub(/[ \t]+#+[ \t]*$/, "", text)
  add_heading(text)
}

function add_heading(text,    key) {
  key = slug(text)
  if (heading_count[current, key]++) anchor[current, key "-" (heading_count[current, key] - 1)] = 1
  else anchor[current, key] = 1
}

function anchors(line) {
  while (match(line, /[ \t"'](id|name)=["'][^"'<>]*["']/)) {
    add_anchor(substr(line, RSTART + 1, RLENGTH - 2))
    line = substr(line, RSTART + RLENGTH)
  }
  if (match(line, /\{#[A-Za-z0-9_-]+\}[ \t]*$/)) add_anchor("=\"" substr(line, RSTART + 2, RLENGTH - 3))
}

function add_anchor(attribute) {
  sub(/^[^=]*=["']/, "", attribute)
  sub(/[} \t]+$/, "", attribute)
  anchor[current, anchor_key(attribute)] = 1
}

function inline_links(line,    target) {
  if (match(line, /^ ? ? ?\[[^]]+\]:[ \t]+/) && line !~ /^ ? ? ?\[\^/) { add_link(substr(line, RLENGTH + 1)); return }
  while (match(line, /\]\([ \t]*|(href|src)=["']/)) {
    target = substr(line, RSTART + RLENGTH)
    if (substr(line, RSTART, 1) == "]") add_link(target)
    else add_quoted(target)
    line = target
  }
}

function add_quoted(text) {
  sub(/["'].*$/, "", text)
  if (text !~ /[{}$]/) record(text)
}

# The destination: up to a space or the closing parenthesis that balances, or between angle brackets.
function add_link(text,    i, depth, letter, size) {
  if (text ~ /^</) {
    if (match(text, /^<[^<>]*>/)) record(substr(text, 2, RLENGTH - 2))
    return
  }
  size = length(text) > 2000 ? 2000 : length(text)
  for (i = 1; i <= size; i++) {
    letter = substr(text, i, 1)
    if (letter == " " || letter == "\t") break
    if (letter == "\\") { i++; continue }
    if (letter == "(") depth++
    if (letter == ")" && depth-- == 0) break
  }
  text = substr(text, 1, i - 1)
  gsub(/\\[][()_*#.!~\\-]/, "&\001", text)
  while (match(text, /\\.\001/)) text = substr(text, 1, RSTART - 1) substr(text, RSTART + 1, 1) substr(text, RSTART + 3)
  record(text)
}

# A scheme, a host or a template is not a file of this repository.
function record(target) {
  if (target == "" || target ~ /^[A-Za-z][A-Za-z0-9+.-]*:/ || target ~ /^\/\// || target ~ /\{\{|\$\{/) return
  links++
  link_from[links] = current
  link_line[links] = number
  link_target[links] = target
}

function decoded(text,    out, pair) {
  gsub(/&amp;/, "\\&", text)
  while (match(text, /%[0-9A-Fa-f][0-9A-Fa-f]/)) {
    pair = tolower(substr(text, RSTART + 1, 2))
    out = out substr(text, 1, RSTART - 1) (pair == "0a" ? "\001" : byte[pair])
    text = substr(text, RSTART + 3)
  }
  return out text
}

# The path a link means, from the top of the repository; "..": outside of it.
function resolved(from, target,    segment, count, kept, i, out) {
  if (target ~ /^\//) from = ""
  else sub(/[^\/]*$/, "", from)
  count = split(from target, segment, "/")
  kept = 0
  for (i = 1; i <= count; i++) {
    if (segment[i] == "" || segment[i] == ".") continue
    if (segment[i] != "..") { stack[++kept] = segment[i]; continue }
    if (kept-- == 0) return ".."
  }
  for (i = 1; i <= kept; i++) out = out (i > 1 ? "/" : "") stack[i]
  return out
}

function in_submodule(path) {
  while (path != "") {
    if (path in submodule) return 1
    if (!sub(/\/[^\/]*$/, "", path)) return 0
  }
  return 0
}

# Why a link is broken, or "".
function problem(from, target,    path, fragment, at) {
  at = index(target, "#")
  if (at > 0) { fragment = decoded(substr(target, at + 1)); target = substr(target, 1, at - 1) }
  sub(/\?.*$/, "", target)
  path = target == "" ? from : resolved(from, decoded(target))
  if (path == "..") { outside++; return "" }
  if (!(path in tracked) && !(path in folders)) {
    if (in_submodule(path)) return ""
    if (tolower(path) in spelled) return "differs in case: " code(clip(spelled[tolower(path)], 200))
    return "no such file"
  }
  if (!check_anchors || fragment == "" || !(path in read_as_markdown)) return ""
  fragment = anchor_key(fragment)
  if (fragment == "" || fragment == "top" || fragment ~ /^user-content-/ || fragment ~ /^l[0-9]+/) return ""
  return ((path, fragment) in anchor) ? "" : "no such heading"
}

END {
  for (i = 1; i <= links; i++) {
    why = problem(link_from[i], link_target[i])
    if (why == "") continue
    broken++
    row[broken] = sprintf("| %s | %d | %s | %s |", code(clip(link_from[i], 120)), link_line[i], code(clip(link_target[i], 120)), why)
  }
  printf "%s, %s, %d broken.", plural(files, "Markdown file", "Markdown files"), plural(links, "relative link", "relative links"), broken
  if (outside) printf " %s out of the repository and cannot be checked.", (outside == 1 ? "1 link leads" : outside " links lead")
  print ""
  if (broken) print "\n| file | line | link | problem |\n| :-- | --: | :-- | :-- |"
  print_rows(row, broken, 500, 90000)
  output = ENVIRON["SHEAF_OUTPUT"] == "" ? "/dev/stderr" : ENVIRON["SHEAF_OUTPUT"]
  printf "{\"files\": %d, \"links\": %d, \"broken\": %d}\n", files, links, broken > output
}
