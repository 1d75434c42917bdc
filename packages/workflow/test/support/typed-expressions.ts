import fc from 'fast-check';

type Kind =
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'ints'
  | 'texts'
  | 'map'
  | 'timestamp'
  | 'duration';

/** Ways to write a value of a kind: `$int` stands for an expression of that kind, `=int` for one that is never of another. */
const WAYS: Readonly<Record<Kind, readonly string[]>> = {
  bool: [
    ...['true', '$int < $int', '$string <= $string', '$timestamp > $timestamp', '$duration >= $duration'],
    ...[
      '=bool && =bool',
      '!$bool',
      '$int in $ints',
      '$string in $map',
      '$ints.exists(x, x == $int)',
      'has($map.a)',
    ],
    ...[
      '$texts.all(x, x.startsWith($string))',
      '$string.matches("^a")',
      '$double == $double',
      'bool($string)',
    ],
  ],
  int: [
    ...[
      '1',
      'i',
      '-$int',
      '$int + $int',
      '$int % $int',
      'int($double)',
      'int($string)',
      'size($ints)',
      'size($map)',
    ],
    ...[
      '$ints[0]',
      '$map.a',
      '$map["b"]',
      '$string.indexOf($string)',
      '$timestamp.getHours("+01:00")',
      'math.abs($int)',
    ],
    ...[
      '$duration.getMinutes()',
      '=bool ? =int : =int',
      'cel.bind(v, =int, v * $int)',
      'math.bitOr($int, $int)',
    ],
  ],
  uint: ['1u', 'uint($int)', '$uint - $uint', 'uint($string)', 'math.bitNot($uint)'],
  double: [
    '0.5',
    'double($int)',
    '$double / $double',
    'double($string)',
    'math.ceil($double)',
    'math.sqrt($int)',
  ],
  string: [
    ...[
      '"a"',
      's',
      '$string + $string',
      'string($int)',
      'string($duration)',
      'string($bytes)',
      '$texts.join($string)',
    ],
    ...[
      '$string.substring($int)',
      '$string.replace($string, $string)',
      '$texts[$int]',
      '"%d".format([$int])',
    ],
    ...['json.encode($map)', 'base64.encode($bytes)', '=bool ? =string : =string', 'strings.quote($string)'],
  ],
  bytes: ['b"a"', 'bytes($string)', '$bytes + $bytes', 'base64.decode($string)'],
  ints: [
    ...[
      '[1, 2]',
      '[=int]',
      '$ints + $ints',
      '$ints.map(x, x + $int)',
      '$ints.filter(x, x > $int)',
      '$ints.sort()',
    ],
    ...[
      '$texts.map(x, size(x))',
      'lists.range(3)',
      '[=ints, =ints].flatten()',
      '$ints.transformList(j, x, j * x)',
    ],
  ],
  texts: [
    '["a"]',
    '[=string]',
    '$string.split($string)',
    '$map.map(k, k)',
    '$texts.distinct()',
    '$texts.slice(0, $int)',
  ],
  map: ['{"a": 1}', '{"a": =int, "b": =int}', '$map.transformMap(k, x, x + $int)', '=bool ? =map : =map'],
  timestamp: [
    'timestamp($int)',
    'timestamp("2026-01-31T12:00:00Z")',
    '$timestamp + $duration',
    '$timestamp - $duration',
  ],
  duration: ['duration("1h")', 'duration($string)', '$timestamp - $timestamp', '$duration + $duration'],
};

const KINDS = Object.keys(WAYS) as readonly Kind[];
const CEL_KINDS: Readonly<Partial<Record<Kind, string>>> = { ints: 'list', texts: 'list' };

/**
 * An expression with the kind of value that it gives. `badly`: some parts are of another kind than their place takes, but never where that
 * would leave the checker without a type.
 */
export function typedExpression(
  how: 'well' | 'badly',
): fc.Arbitrary<{ readonly text: string; readonly kind: string }> {
  return fc
    .record({ kind: fc.constantFrom(...KINDS), choices: fc.infiniteStream(fc.nat(1_000_000)) })
    .map(({ kind, choices }) => ({ text: write(kind, choices, how, 4), kind: CEL_KINDS[kind] ?? kind }));
}

function write(kind: Kind, choices: Iterator<number>, how: 'well' | 'badly', depth: number): string {
  const next = () => Number(choices.next().value);
  const ways = depth === 0 ? WAYS[kind].slice(0, 1) : WAYS[kind];
  const way = ways[next() % ways.length] ?? '';
  return way.replace(/([$=])([a-z]+)/g, (_, mark: string, hole: string) => {
    const isSwapped = how === 'badly' && mark === '$' && next() % 8 === 0;
    const wanted = isSwapped ? (KINDS[next() % KINDS.length] ?? 'int') : (hole as Kind);
    return `(${write(wanted, choices, mark === '=' ? 'well' : how, Math.max(0, depth - 1))})`;
  });
}
