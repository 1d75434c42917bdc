# Input: "<bytes><tab><path>" per line, largest first. Environment: PARAM_TOP.
BEGIN { top = ENVIRON["PARAM_TOP"] == "" ? 10 : ENVIRON["PARAM_TOP"] + 0 }
{
  tab = index($0, "\t")
  size = substr($0, 1, tab - 1)
  if (size !~ /^[0-9]+$/) { unknown++; next }
  files++
  bytes += size
  if (files <= top) row[files] = sprintf("| %d | %s | %s |", files, code(clip(substr($0, tab + 1), 300)), human(size))
}
END {
  printf "## Largest files\n\n%s, %s at HEAD.", plural(files, "file", "files"), human(bytes)
  if (unknown) printf " The contents of %s are not in this partial clone.", plural(unknown, "file", "files")
  print "\n"
  if (files == 0) exit
  print "| | file | size |\n| --: | :-- | --: |"
  print_rows(row, files < top ? files : top, top, 25000)
}
