# Text from a repository (names, subjects, paths) made safe to print and to put into Markdown.
# Runs under LC_ALL=C, so strings are bytes and multi-byte UTF-8 is matched by its bytes.
# Input streams swap newline and NUL before awk sees them: "\001" inside a record is a newline of a file name.

# Valid UTF-8: a byte that is not part of a character (a Latin-1 name, say) becomes "?".
function utf8(s,    out) {
  while (match(s, /[\200-\377]/)) {
    out = out substr(s, 1, RSTART - 1)
    s = substr(s, RSTART)
    if (match(s, /^([\302-\337][\200-\277]|\340[\240-\277][\200-\277]|[\341-\354\356\357][\200-\277][\200-\277]|\355[\200-\237][\200-\277])/) ||
        match(s, /^(\360[\220-\277]|[\361-\363][\200-\277]|\364[\200-\217])[\200-\277][\200-\277]/)) {
      out = out substr(s, 1, RLENGTH)
      s = substr(s, RLENGTH + 1)
    } else {
      out = out "?"
      s = substr(s, 2)
    }
  }
  return out s
}

# Without control, bidirectional and zero-width characters: they could rewrite the line on a terminal.
# First made valid, so that what is taken out is whole characters and nothing else can close up into one of them.
function plain(s) {
  s = utf8(s)
  gsub(/\t/, " ", s)
  gsub(/\001/, " ", s)
  gsub(/[\002-\037\177]/, "", s)
  gsub(/\302[\200-\237]/, "", s)
  gsub(/\330\234/, "", s)
  gsub(/\342\200[\213\216\217\250-\256]/, "", s)
  gsub(/\342\201[\240-\257]/, "", s)
  gsub(/\357\273\277/, "", s)
  return s
}

# At most `limit` bytes, cut between characters.
function clip(s, limit) {
  if (length(s) <= limit) return s
  s = substr(s, 1, limit)
  while (s ~ /[\200-\277]$/) s = substr(s, 1, length(s) - 1)
  if (s ~ /[\300-\377]$/) s = substr(s, 1, length(s) - 1)
  return s "..."
}

function escape_markup(s) {
  gsub(/&/, "\\&amp;", s)
  gsub(/</, "\\&lt;", s)
  gsub(/[][\\*|]/, "\\\\&", s)
  return s
}

# Running text. Code spans stay code when they are plain pairs of single backticks.
function prose(s,    part, count, i, out) {
  s = plain(s)
  count = split(s, part, "`")
  if (count < 2) return escape_markup(s)
  if (s ~ /``/ || count % 2 == 0) {
    s = escape_markup(s)
    gsub(/`/, "\\`", s)
    return s
  }
  for (i = 1; i <= count; i++) out = out (i > 1 ? "`" : "") (i % 2 ? escape_markup(part[i]) : cell_bar(part[i]))
  return out
}

function cell_bar(s) {
  gsub(/[|]/, "\\|", s)
  return s
}

# A file name as a code span that also fits a table cell; a newline shows as \n.
function code(s,    fence) {
  gsub(/\001/, "\\n", s)
  gsub(/\t/, "\\t", s)
  s = cell_bar(plain(s))
  if (s !~ /`/) return "`" s "`"
  fence = "``"
  while (index(s, fence) > 0) fence = fence "`"
  return fence " " s " " fence
}

function human(bytes) {
  bytes += 0
  if (bytes < 1024) return sprintf("%d B", bytes)
  if (bytes < 1048576) return sprintf("%.1f KiB", bytes / 1024)
  if (bytes < 1073741824) return sprintf("%.1f MiB", bytes / 1048576)
  return sprintf("%.2f GiB", bytes / 1073741824)
}

function plural(n, one, many) {
  return sprintf("%d %s", n, n == 1 ? one : many)
}

# Prints rows up to `limit` of them or `budget` bytes, and how many are left. What a step prints may travel on in an environment
# variable, which the kernel caps at 128 KiB.
function print_rows(rows, count, limit, budget,    i, used) {
  for (i = 1; i <= count && i <= limit; i++) {
    used += length(rows[i]) + 1
    if (used > budget) break
    print rows[i]
  }
  if (i <= count) printf "\n... and %d more.\n", count - i + 1
}
