# Each line as Markdown text.
{ print prose(clip($0, 200)) }
