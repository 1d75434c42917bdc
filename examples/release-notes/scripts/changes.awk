# Input: "<hash> <short hash> <subject>" per line. Environment: BREAKING (file of hashes whose body declares a breaking
# change), PARAM_GROUP (auto, type, area, none), PARAM_LIMIT (entries per section), PARAM_URL (links to commits).

BEGIN {
  while ((getline line < ENVIRON["BREAKING"]) > 0) declared[line] = 1
  group = ENVIRON["PARAM_GROUP"] == "" ? "auto" : ENVIRON["PARAM_GROUP"]
  limit = ENVIRON["PARAM_LIMIT"] == "" ? 100 : ENVIRON["PARAM_LIMIT"] + 0
  url = ENVIRON["PARAM_URL"]
  sub(/\/+$/, "", url)
  budget = 90000 # bytes: the text travels through one environment variable, which the kernel caps at 128 KiB
  max_areas = 20

  order = split("feat fix perf revert refactor docs test build ci style chore", type_order, " ")
  title["feat"] = "Features";       title["fix"] = "Fixes";           title["perf"] = "Performance"
  title["revert"] = "Reverts";      title["refactor"] = "Refactoring"; title["docs"] = "Documentation"
  title["test"] = "Tests";          title["build"] = "Build";         title["ci"] = "Continuous integration"
  title["style"] = "Style";         title["chore"] = "Chores"
  alias["feature"] = "feat"; alias["bugfix"] = "fix"; alias["hotfix"] = "fix"; alias["doc"] = "docs"; alias["tests"] = "test"
}

{
  total++
  hash[total] = $1
  short[total] = $2
  subject = substr($0, length($1) + length($2) + 3)
  if (subject == "") subject = "(no subject)"
  read_prefix(total, subject)
  breaking[total] = bang[total] || ($1 in declared)
}

# "type(scope)!: text" and "area, other: text" both split into a prefix and the rest.
function read_prefix(i, subject,    head, name) {
  whole[i] = text[i] = subject
  if (!match(subject, /^[A-Za-z0-9_.][A-Za-z0-9_.\/*+-]*(, ?[A-Za-z0-9_.\/*+-]+)*(\([^()]*\))?!?: +/)) return
  if (RLENGTH > 60 || RLENGTH == length(subject)) return
  head = substr(subject, 1, RLENGTH)
  text[i] = substr(subject, RLENGTH + 1)
  sub(/: +$/, "", head)
  if (sub(/!$/, "", head)) bang[i] = 1
  prefix[i] = head
  name = head
  if (match(head, /\([^()]*\)$/)) {
    scope[i] = substr(head, RSTART + 1, RLENGTH - 2)
    name = substr(head, 1, RSTART - 1)
  }
  name = tolower(name)
  if (name in alias) name = alias[name]
  if (name in title) { type[i] = name; typed++ }
  area[i] = head
  sub(/[\/,(].*$/, "", area[i])
  prefixed++
}

function entry(i, lead, body,    link) {
  link = url == "" ? short[i] : "[" short[i] "](" url "/commit/" hash[i] ")"
  return "- " (lead == "" ? "" : "**" prose(clip(lead, 80)) ":** ") prose(clip(body, 240)) " (" link ")"
}

function section(heading, entries, count,    i, out, shown) {
  if (count + 0 == 0) return # busybox takes a variable that was never set for a text here
  out = "### " prose(clip(heading, 80)) "\n\n"
  for (i = 1; i <= count && i <= limit; i++) {
    if (used + length(out) + length(entries[i]) > budget) break
    out = out entries[i] "\n"
    shown++
  }
  if (shown < count) out = out "- " (shown ? "... and " (count - shown) " more" : plural(count, "change", "changes")) "\n"
  used += length(out)
  printf "%s%s", (sections++ ? "\n" : ""), out
}

function print_breaking(    i, n, list) {
  for (i = 1; i <= total; i++) if (breaking[i]) list[++n] = entry(i, type[i] != "" ? scope[i] : prefix[i], text[i])
  section("Breaking changes", list, n)
}

function print_types(    t, i, n, list) {
  for (t = 1; t <= order; t++) {
    n = 0
    for (i = 1; i <= total; i++) if (type[i] == type_order[t]) list[++n] = entry(i, scope[i], text[i])
    section(title[type_order[t]], list, n)
  }
  n = 0
  for (i = 1; i <= total; i++) if (type[i] == "") list[++n] = entry(i, prefix[i], text[i])
  section(sections ? "Other changes" : "Changes", list, n)
}

# The areas with most commits, each a section; the long tail goes under one heading.
function print_areas(    i, n, list, a, best, count, done, round) {
  for (i = 1; i <= total; i++) if (area[i] != "") count[area[i]]++
  for (round = 1; round <= max_areas; round++) {
    best = ""
    for (a in count) {
      if (a in done) continue
      if (best == "" || count[a] > count[best] || (count[a] == count[best] && a < best)) best = a
    }
    if (best == "") break
    done[best] = 1
    n = 0
    for (i = 1; i <= total; i++) if (area[i] == best) list[++n] = entry(i, prefix[i] == best ? "" : prefix[i], text[i])
    section(best, list, n)
  }
  n = 0
  for (i = 1; i <= total; i++) if (!(area[i] in done)) list[++n] = entry(i, prefix[i], text[i])
  section(sections ? "Other changes" : "Changes", list, n)
}

function print_flat(    i, list) {
  for (i = 1; i <= total; i++) list[i] = entry(i, "", whole[i])
  section("Changes", list, total)
}

END {
  if (total == 0) { print "No changes."; exit }
  if (group == "auto") group = typed * 2 >= total ? "type" : prefixed * 10 >= total * 3 ? "area" : "none"
  print_breaking()
  if (group == "type") print_types()
  else if (group == "area") print_areas()
  else print_flat()
}
