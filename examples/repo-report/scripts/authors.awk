# Input: "<commits><tab><first day><tab><last day><tab><name>" per line, most commits first. Environment: PARAM_TOP.
BEGIN { FS = "\t"; top = ENVIRON["PARAM_TOP"] == "" ? 10 : ENVIRON["PARAM_TOP"] + 0 }
{
  commits += $1
  if (NR > top) next
  count[NR] = $1
  dates[NR] = $2 " | " $3
  name[NR] = substr($0, length($1) + length($2) + length($3) + 4)
}
END {
  printf "## Authors\n\n%s, %s without merges.\n\n", plural(NR, "author", "authors"), plural(commits, "commit", "commits")
  if (commits == 0) exit
  print "| author | commits | share | first | last |\n| :-- | --: | --: | :-- | :-- |"
  for (i = 1; i <= NR && i <= top; i++)
    printf "| %s | %d | %.1f %% | %s |\n", prose(clip(name[i], 100)), count[i], 100 * count[i] / commits, dates[i]
}
