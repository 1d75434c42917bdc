# Input: a month (2026-01) per commit. Environment: LAST (month of HEAD), PARAM_MONTHS.
BEGIN { months = ENVIRON["PARAM_MONTHS"] == "" ? 12 : ENVIRON["PARAM_MONTHS"] + 0 }
/^[0-9]+-[0-9][0-9]$/ { count[$0]++; total++ }
END {
  split(ENVIRON["LAST"], part, "-")
  year = part[1] + 0
  month = part[2] + 0
  for (i = months; i >= 1; i--) {
    name[i] = sprintf("%04d-%02d", year, month)
    if (count[name[i]] > peak) peak = count[name[i]]
    if (--month == 0) { month = 12; year-- }
  }
  printf "## Commits per month\n\n%s in all.\n\n| month | commits | |\n| :-- | --: | :-- |\n", plural(total, "commit", "commits")
  for (i = 1; i <= months; i++) {
    bar = ""
    width = peak ? count[name[i]] * 30 / peak : 0
    while (length(bar) < width) bar = bar "#"
    printf "| %s | %d | %s |\n", name[i], count[name[i]], bar
  }
}
