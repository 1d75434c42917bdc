# Input: "<bytes><tab><path>" per line. Environment: PARAM_TOP. A file type is the last extension of the file name.
BEGIN { top = ENVIRON["PARAM_TOP"] == "" ? 10 : ENVIRON["PARAM_TOP"] + 0 }
{
  tab = index($0, "\t")
  size = substr($0, 1, tab - 1)
  if (size !~ /^[0-9]+$/) next
  name = substr($0, tab + 1)
  sub(/^.*\//, "", name)
  type = match(name, /.\.[A-Za-z0-9_+-]+$/) ? tolower(substr(name, RSTART + 1)) : "(none)"
  if (length(type) > 20) type = "(other)"
  bytes[type] += size
  files[type]++
  total += size
}
END {
  if (total == 0) exit
  print "\n### By file type\n\n| type | files | size | share |\n| :-- | --: | --: | --: |"
  for (rank = 1; rank <= top; rank++) {
    best = ""
    for (type in bytes) {
      if (type in shown) continue
      if (best == "" || bytes[type] > bytes[best] || (bytes[type] == bytes[best] && type < best)) best = type
    }
    if (best == "") break
    shown[best] = 1
    printf "| %s | %d | %s | %.1f %% |\n", code(best), files[best], human(bytes[best]), 100 * bytes[best] / total
  }
}
