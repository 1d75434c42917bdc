# Input: what `git grep -z` prints, newline and NUL swapped: the first line is a file, each further one is "<matched line>\001<next
# file>" because NUL ends a file name and a newline ends a match. Environment: TRACKED (all paths), SHEAF_OUTPUT.

BEGIN {
  source = "\\.(c|h|cc|cpp|cxx|hh|hpp|m|mm|cs|java|kt|kts|scala|go|rs|swift|py|rb|pl|pm|php|lua|r|jl|ex|exs|erl|hs|ml|clj|dart|zig|" \
    "js|mjs|cjs|jsx|ts|mts|cts|tsx|vue|svelte|css|scss|sh|bash|zsh|ps1|awk|sql|proto|tf|nix|asm|s|v|sv|vhd)$"
  while ((getline line < ENVIRON["TRACKED"]) > 0) if (tolower(line) ~ source) sources++
}

NR == 1 { file = $0; next }
{
  cut = index($0, "\001")
  match_line = cut ? substr($0, 1, cut - 1) : $0
  count_header(file, match_line)
  file = substr($0, cut + 1)
}

# The first header of a file is the one that counts.
function count_header(file, text,    known) {
  if (file in seen) return
  seen[file] = 1
  headers++
  if (tolower(file) ~ source) covered++
  sub(/^.*SPDX-License-Identifier:[ \t]*/, "", text)
  sub(/[ \t]*(\*\/|-->|\*\)|#\}|-\}|"""|\}\})?[ \t\r]*$/, "", text)
  known = spdx(text)
  if (known == "") { known = "unknown: " clip(plain(text), 60); unknown++ }
  share[known]++
}

END {
  printf "## SPDX headers\n\n%d of %s carry one (%.1f %%); %s in all.\n", covered, plural(sources, "source file", "source files"),
    (sources ? 100 * covered / sources : 0), plural(headers, "header", "headers")
  if (headers > 0) {
    print "\n| licence | files | share |\n| :-- | --: | --: |"
    for (rank = 1; rank <= 30; rank++) {
      found = 0
      for (each in share) {
        if (each in done) continue
        if (!found || share[each] > share[best] || (share[each] == share[best] && each < best)) { best = each; found = 1 }
      }
      if (!found) break
      done[best] = 1
      printf "| %s | %d | %.1f %% |\n", prose(best), share[best], 100 * share[best] / headers
    }
  }
  output = ENVIRON["SHEAF_OUTPUT"] == "" ? "/dev/stderr" : ENVIRON["SHEAF_OUTPUT"]
  printf "{\"headers\": %d, \"sources\": %d, \"unknown\": %d}\n", headers, sources, unknown > output
}
