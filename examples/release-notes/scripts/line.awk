# Each line without what a terminal or the file of outputs would stumble over.
{
  sub(/\001$/, "")
  print plain($0)
}
