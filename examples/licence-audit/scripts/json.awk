# A JSON reader fed line by line: json_start(), json_line(line)…; it calls json_value(text), json_open() and json_close() with
# json_depth and json_key[1…depth] set. Linear in the input: lines are read in small pieces, since a minified file is one line.

function json_start() {
  json_depth = json_in_string = json_after_colon = 0
  json_text = json_held = ""
}

function json_line(line,    at, size) {
  size = length(line)
  for (at = 1; at <= size; at += 1000) json_piece(json_held substr(line, at, 1000), at + 1000 > size)
}

function json_piece(piece, is_last,    token) {
  json_held = ""
  while (piece != "") {
    if (json_in_string) {
      if (!match(piece, /["\\]/)) { json_add(piece); return }
      token = substr(piece, RSTART, 1)
      json_add(substr(piece, 1, RSTART - 1))
      if (token == "\\") {
        if (RSTART == length(piece)) { json_held = is_last ? "" : token; return }
        json_add(json_unescape(substr(piece, RSTART + 1, 1)))
        piece = substr(piece, RSTART + 2)
        continue
      }
      piece = substr(piece, RSTART + 1)
      json_in_string = 0
      if (json_kind[json_depth] == "{" && !json_after_colon) json_key[json_depth] = json_text
      else json_value(json_text)
      continue
    }
    if (!match(piece, /[][{}",:]|[^][{}",: \t]+/)) return
    token = substr(piece, RSTART, RLENGTH)
    piece = substr(piece, RSTART + RLENGTH)
    if (token == "\"") { json_in_string = 1; json_text = "" }
    else if (token == ":") json_after_colon = 1
    else if (token == ",") json_after_colon = 0
    else if (token == "{" || token == "[") {
      json_depth++
      json_kind[json_depth] = token
      json_key[json_depth] = ""
      json_after_colon = 0
      json_open()
    } else if (token == "}" || token == "]") {
      json_close()
      if (json_depth > 0) json_depth--
    } else if (piece == "" && !is_last && length(token) < 1000) json_held = token
    else json_value(token)
  }
}

# No name or licence is longer; the rest of a long string is not kept.
function json_add(text) {
  if (length(json_text) < 1000) json_text = json_text text
}

# The reader needs no more of the escapes: names and licences are ASCII.
function json_unescape(character) {
  return character ~ /["\\\/]/ ? character : " "
}
