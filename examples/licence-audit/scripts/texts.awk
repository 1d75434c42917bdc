# Names the licence of each text by phrases that only it has. Environment: SHEAF_OUTPUT.

function file_start(path) {
  current = path
  body = ""
}

# The phrases stand near the beginning; reading on would cost time for nothing.
function file_line(line) {
  if (length(body) < 20000) body = body " " line
}

function file_end(    found) {
  body = tolower(body)
  gsub(/[^a-z0-9.,()]+/, " ", body)
  found = identify(body)
  texts++
  row[texts] = sprintf("| %s | %s |", code(clip(current, 300)), (found == "" ? "**unknown**" : prose(found)))
  if (found == "") unknown++
}

function has(text, phrase) {
  return index(text, phrase) > 0
}

function identify(text,    all) {
  all = gnu(text)
  if (has(text, "apache license version 2.0, january 2004") || has(text, "licensed under the apache license, version 2.0")) all = all " Apache-2.0"
  if (has(text, "mozilla public license version 2.0")) all = all " MPL-2.0"
  if (has(text, "eclipse public license v 2.0")) all = all " EPL-2.0"
  if (has(text, "european union public licence v. 1.2")) all = all " EUPL-1.2"
  if (has(text, "permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated")) all = all (has(text, "the above copyright notice and this permission notice") ? " MIT" : " MIT-0")
  if (has(text, "permission to use, copy, modify, and or distribute this software for any purpose with or without fee is hereby granted") ||
      has(text, "permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted")) all = all (has(text, "provided that the above copyright notice") ? " ISC" : " 0BSD")
  if (has(text, "redistribution and use in source and binary forms, with or without modification")) all = all bsd(text)
  if (has(text, "free and unencumbered software released into the public domain")) all = all " Unlicense"
  if (has(text, "boost software license version 1.0")) all = all " BSL-1.0"
  if (has(text, "altered source versions must be plainly marked")) all = all " Zlib"
  if (has(text, "do what the fuck you want to public license")) all = all " WTFPL"
  if (has(text, "cc0 1.0 universal")) all = all " CC0-1.0"
  if (has(text, "attribution sharealike 4.0 international")) all = all " CC-BY-SA-4.0"
  else if (has(text, "attribution 4.0 international")) all = all " CC-BY-4.0"
  if (has(text, "sil open font license version 1.1")) all = all " OFL-1.1"
  if (has(text, "the artistic license 2.0")) all = all " Artistic-2.0"
  if (has(text, "python software foundation license version 2")) all = all " PSF-2.0"
  if (has(text, "blue oak model license")) all = all " BlueOak-1.0.0"
  if (has(text, "business source license 1.1")) all = all " BUSL-1.1"
  if (has(text, "server side public license")) all = all " SSPL-1.0"
  if (has(text, "elastic license 2.0")) all = all " Elastic-2.0"
  return substr(all, 2)
}

# The texts of the GNU licences name each other, so the title and its date decide.
function gnu(text) {
  if (has(text, "gnu affero general public license version 3, 19 november 2007")) return " AGPL-3.0"
  if (has(text, "gnu lesser general public license version 3, 29 june 2007")) return " LGPL-3.0"
  if (has(text, "gnu lesser general public license version 2.1, february 1999")) return " LGPL-2.1"
  if (has(text, "gnu general public license version 3, 29 june 2007")) return " GPL-3.0"
  if (has(text, "gnu general public license version 2, june 1991")) return " GPL-2.0"
  return ""
}

function bsd(text) {
  if (has(text, "all advertising materials mentioning features")) return " BSD-4-Clause"
  if (has(text, "may be used to endorse or promote products") || has(text, "neither the name")) return " BSD-3-Clause"
  return " BSD-2-Clause"
}

END {
  print "## Licence texts\n"
  if (texts == 0) print "The repository holds no licence text: by default nobody may copy or change it."
  else print "| file | licence |\n| :-- | :-- |"
  print_rows(row, texts, 200, 25000)
  output = ENVIRON["SHEAF_OUTPUT"] == "" ? "/dev/stderr" : ENVIRON["SHEAF_OUTPUT"]
  printf "{\"texts\": %d, \"unknown\": %d}\n", texts, unknown > output
}
