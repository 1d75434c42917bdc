# Input: records of `git diff-tree --stdin --raw -z`, one per line: a commit, then for each file a line that begins with ":" and
# its path. Environment: TRACKED (file with the paths of HEAD), SHALLOW, PARAM_TOP.

BEGIN {
  top = ENVIRON["PARAM_TOP"] == "" ? 10 : ENVIRON["PARAM_TOP"] + 0
  while ((getline line < ENVIRON["TRACKED"]) > 0) tracked[line] = 1
}

expecting_path { count_path($0); expecting_path = 0; next }
/^:/ { expecting_path = 1; next }
{ commits++ }

# A directory counts once per commit, down to two levels: deeper ones say too little about where the work is.
function count_path(path,    slash, rest) {
  files[path]++
  slash = index(path, "/")
  if (slash == 0) return count_directory("./")
  count_directory(substr(path, 1, slash))
  rest = index(substr(path, slash + 1), "/")
  if (rest > 0) count_directory(substr(path, 1, slash + rest))
}

function count_directory(directory) {
  if (seen[directory] == commits) return
  seen[directory] = commits
  directories[directory]++
}

# The next highest count below what `done` holds; ties in byte order.
function next_best(count, done,    name, best, found) {
  for (name in count) {
    if (name in done) continue
    if (!found || count[name] > count[best] || (count[name] == count[best] && name < best)) { best = name; found = 1 }
  }
  if (found) done[best] = 1
  have_next = found
  return best
}

function table(heading, column, count, done,    rank, name, note, row) {
  printf "\n### %s\n\n| | %s | commits | share |\n| --: | :-- | --: | --: |\n", heading, column
  for (rank = 1; rank <= top; rank++) {
    name = next_best(count, done)
    if (!have_next) break
    note = column == "file" && !(name in tracked) ? " (gone)" : ""
    row[rank] = sprintf("| %d | %s%s | %d | %.1f %% |", rank, code(clip(name, 300)), note, count[name], 100 * count[name] / commits)
  }
  print_rows(row, rank - 1, top, 25000)
}

END {
  printf "## Where the work is\n\nThe last %s without merges.", plural(commits, "commit", "commits")
  if (ENVIRON["SHALLOW"] == "true") printf " This clone is shallow: its oldest commit counts as one that adds every file."
  print ""
  if (commits == 0) exit
  table("Most changed files", "file", files, done_files)
  table("Busiest directories", "directory", directories, done_directories)
}
