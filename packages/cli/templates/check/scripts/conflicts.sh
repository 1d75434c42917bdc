#!/usr/bin/env bash
# Prints the lines that a merge left behind in the files of the last commit.
. "${BASH_SOURCE[0]%/*}/lib.bash"

# 1 is "nothing found".
git grep -nIE '^(<{7}|>{7})( |$)' HEAD -- | awk -F: '{ print "conflict marker: " $2 ":" $3 }' | plain || [ "${PIPESTATUS[0]}" -eq 1 ]
