# Splits the output of `git cat-file --batch='%(objectsize) %(rest)'` into files: calls file_start(path), file_line(line) and
# file_end(). Bytes are counted, so that no line of a file can be taken for a header.

reading == 0 {
  # "<object> missing" is an object that a partial clone lacks; no file that is asked for is called "missing".
  if ($0 !~ /^[0-9]+ / || $0 ~ / missing$/) next
  left = $1 + 1
  batch_path = substr($0, index($0, " ") + 1)
  reading = 1
  file_start(batch_path)
  next
}
{
  left -= length($0) + 1
  sub(/\r$/, "")
  file_line($0)
  if (left <= 0) { reading = 0; file_end() }
}
