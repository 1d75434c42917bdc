# Input: "<commits><tab><name>" per line, most commits first.
NR <= 50 { printf "- %s (%d)\n", prose(clip(substr($0, index($0, "\t") + 1), 100)), $1 }
END { if (NR > 50) printf "- ... and %d more\n", NR - 50 }
