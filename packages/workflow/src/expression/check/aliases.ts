/** What people write who come from other languages, and what it is here. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['length', 'size()'],
  ['len', 'size()'],
  ['count', 'size()'],
  ['includes', 'contains(…) for text, or `x in list`'],
  ['has_key', 'has(a.b), or `key in map`'],
  ['toLowerCase', 'lowerAscii()'],
  ['lower', 'lowerAscii()'],
  ['toUpperCase', 'upperAscii()'],
  ['upper', 'upperAscii()'],
  ['strip', 'trim()'],
  ['substr', 'substring(start, end)'],
  ['replaceAll', 'replace(from, to)'],
  ['test', 'matches(pattern)'],
  ['match', 'matches(pattern)'],
  ['some', 'exists(x, …)'],
  ['any', 'exists(x, …)'],
  ['every', 'all(x, …)'],
  ['find', 'filter(x, …)[0]'],
  ['flat', 'flatten()'],
  ['concat', 'a + b'],
  ['toString', 'string(x)'],
  ['str', 'string(x)'],
  ['float', 'double(x)'],
  ['Number', 'double(x)'],
  ['parseInt', 'int(x)'],
  ['fromJSON', 'json.decode(text)'],
  ['fromjson', 'json.decode(text)'],
  ['toJSON', 'json.encode(x)'],
  ['tojson', 'json.encode(x)'],
  ['default', 'has(a.b) ? a.b : …'],
  ['unique', 'distinct()'],
  ['range', 'lists.range(n)'],
  ['abs', 'math.abs(x)'],
  ['max', 'math.greatest(…)'],
  ['min', 'math.least(…)'],
  ['round', 'math.round(x)'],
  ['floor', 'math.floor(x)'],
  ['ceil', 'math.ceil(x)'],
  ['b64encode', 'base64.encode(bytes(text))'],
]);

/** How to write what a name means in another language. */
export function findAlias(name: string): string | undefined {
  const alias = ALIASES.get(name);
  return alias === undefined ? undefined : `here it is ${alias}`;
}
