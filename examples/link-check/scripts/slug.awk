# The anchor of a heading, as GitHub makes it: lower case, punctuation dropped, spaces to hyphens. Letters beyond ASCII cannot be told
# from punctuation by their bytes, so anchors are compared without them: a wrong accent passes, nothing right is refused.

function slug(heading) {
  while (match(heading, /!?\[[^][]*\]\([^()]*\)/)) heading = substr(heading, 1, RSTART - 1) link_text(substr(heading, RSTART, RLENGTH)) substr(heading, RSTART + RLENGTH)
  gsub(/<[^<>]*>/, "", heading)
  gsub(/^[ \t]+|[ \t]+$/, "", heading)
  heading = tolower(heading)
  gsub(/[^a-z0-9_ -]/, "", heading)
  gsub(/ /, "-", heading)
  return heading
}

function link_text(link) {
  sub(/\]\([^()]*\)$/, "", link)
  return substr(link, link ~ /^!/ ? 3 : 2)
}

function anchor_key(fragment) {
  fragment = tolower(fragment)
  gsub(/[^a-z0-9_-]/, "", fragment)
  return fragment
}
