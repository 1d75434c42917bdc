import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASK } from './masking-stream.js';
import { createRedactor, growingRedactor } from './redactor.js';

const SECRET = 'p@ss/w0rd "qu+ote"é';

/** What a stream makes of pieces. */
function throughStream(secrets: readonly string[], pieces: readonly Uint8Array[]): string {
  const stream = createRedactor(secrets).stream();
  const out = pieces.map((piece) => stream.write(piece));
  return Buffer.concat([...out, stream.end()]).toString('latin1');
}

/** What must come out, by looking for every needle at every place. */
function naive(needles: readonly string[], text: string): string {
  return masked(
    text,
    needles.map((needle) => [needle, 0]),
  );
}

/** The same, each from a place on. */
function masked(text: string, needles: readonly (readonly [needle: string, from: number])[]): string {
  const hidden = new Set<number>();
  for (const [needle, from] of needles)
    for (let at = text.indexOf(needle, from); at !== -1; at = text.indexOf(needle, at + 1))
      for (let within = at; within < at + needle.length; within += 1) hidden.add(within);
  return Array.from(text, (character, at) =>
    hidden.has(at) ? (hidden.has(at - 1) ? '' : MASK) : character,
  ).join('');
}

describe('text', () => {
  const { text } = createRedactor([SECRET]);
  const url = encodeURIComponent(SECRET);

  it.each([
    ['as it is', SECRET],
    ['as text in JSON', JSON.stringify({ a: SECRET }).slice(6, -2)],
    ['as JSON in JSON', JSON.stringify(JSON.stringify(SECRET)).slice(3, -3)],
    ['in ASCII JSON', 'p@ss/w0rd \\"qu+ote\\"\\u00e9'],
    ['in a URL', url],
    ['in a URL with escapes in lower case', url.replace(/%../g, (escape) => escape.toLowerCase())],
    ['in a form', new URLSearchParams({ a: SECRET }).toString().slice(2)],
    ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
    ['in hexadecimal of capitals', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
    ['in XML', 'p@ss/w0rd &quot;qu+ote&quot;é'],
  ])('hides a value %s', (_how, form) => {
    expect(text(`<${form}>`)).toBe(`<${MASK}>`);
  });

  it('hides a value inside of what was encoded in base64, wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 12, maxLength: 40 }),
        fc.uint8Array({ maxLength: 20 }),
        fc.uint8Array({ maxLength: 20 }),
        fc.constantFrom('base64' as const, 'base64url' as const),
        (key, before, after, encoding) => {
          const value = Buffer.from(key).toString('hex');
          const encoded = Buffer.concat([before, Buffer.from(value), after]).toString(encoding);
          const masked = createRedactor([value]).text(encoded);
          expect(masked).toContain(MASK);
          // At each end, at most the characters that others have a part in.
          const shown = masked.split(MASK);
          const most = Math.ceil((before.length * 4) / 3) + 1;
          expect(shown[0]?.length).toBeLessThanOrEqual(most);
        },
      ),
    );
  });

  it('hides an encoding that was broken into lines', () => {
    const value = 'correct horse battery staple '.repeat(8);
    const lines = Buffer.from(`key=${value}`)
      .toString('base64')
      .replace(/.{76}/g, (line) => `${line}\r\n`);
    const masked = createRedactor([value]).text(lines);
    expect(masked).toMatch(/^.{0,7}\*\*\*.{0,2}={0,2}$/);
  });

  it('hides each line of a value of several lines, but not the shortest', () => {
    const { text: hide } = createRedactor(['-----BEGIN KEY-----\nabcdefgh\nxy\n-----END KEY-----\n']);
    expect(hide('got abcdefgh and xy')).toBe('got *** and xy');
    expect(hide('-----BEGIN KEY-----\r\nabcdefgh')).toBe('***\r\n***');
  });

  it('hides the longer of two values that overlap, whole', () => {
    expect(createRedactor(['abcdef', 'cdefgh']).text('xabcdefghx abcde')).toBe('x***x abcde');
    expect(createRedactor(['cdef', 'abcdefgh']).text('abcdefg abcdefgh')).toBe('ab***g ***');
  });

  it('leaves a text as it is in which nothing is hidden, also one that is no Unicode', () => {
    expect(text('\ud800 nothing')).toBe('\ud800 nothing');
  });
});

describe('json', () => {
  it('hides a value in texts, keys and numbers at any depth', () => {
    const { json } = createRedactor(['hunter22', '73194655']);
    expect(json({ a: ['x hunter22', { 'hunter22-k': 73194655 }], n: 7 })).toEqual({
      a: ['x ***', { '***-k': null }],
      n: 7,
    });
  });
});

describe('stream', () => {
  it('gives the same for any pieces as a search at every place does', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 7 });
    fc.assert(
      fc.property(
        fc.array(letters, { minLength: 1, maxLength: 4 }),
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 12 }), { maxLength: 12 }),
        (secrets, pieces) => {
          const out = throughStream(
            secrets,
            pieces.map((piece) => Buffer.from(piece)),
          );
          expect(out).toBe(naive(secrets, pieces.join('')));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('hides a value in any pieces, and in any of its forms', () => {
    const forms = [SECRET, encodeURIComponent(SECRET), Buffer.from(SECRET).toString('base64')];
    fc.assert(
      fc.property(fc.constantFrom(...forms), fc.array(fc.nat(40), { maxLength: 10 }), (form, cuts) => {
        const bytes = Buffer.from(`before ${form} after`);
        const places = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
        expect(throughStream([SECRET], pieces)).toBe('before *** after');
      }),
    );
  });

  it('holds back only what may be the beginning of a value', () => {
    const stream = createRedactor(['secret-value']).stream();
    const shown = (text: string): string => Buffer.from(stream.write(Buffer.from(text))).toString();
    expect(shown('line\nhello sec')).toBe('line\nhello ');
    expect(shown('ond\n')).toBe('second\n');
    expect(shown('secret-valu')).toBe('');
    expect(Buffer.from(stream.end()).toString()).toBe('secret-valu');
  });

  it('hides what becomes known while it runs from what it still holds on, beside what it knew', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 4, maxLength: 6 });
    const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 9 }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(letters, letters, texts, texts, (early, late, before, after) => {
        const redactor = growingRedactor();
        redactor.add(early);
        const stream = redactor.stream();
        const out = before.map((piece) => stream.write(Buffer.from(piece)));
        redactor.add(late);
        out.push(...after.map((piece) => stream.write(Buffer.from(piece))), stream.end());
        const readBefore = before.join('').length;
        const text = before.join('') + after.join('');
        // At most the beginning of a value was held, so that the later one is found from somewhere in there on.
        const expected = Array.from({ length: early.length + 1 }, (_, held) =>
          masked(text, [[early, 0] as const, [late, Math.max(0, readBefore - held)] as const]),
        );
        expect(expected).toContain(Buffer.concat(out).toString());
      }),
      { numRuns: 1000 },
    );
  });

  it('hides the rest of a value whose beginning it has hidden, whatever becomes known then', () => {
    const redactor = growingRedactor();
    redactor.add('abcdeabcde');
    const stream = redactor.stream();
    const out = [stream.write(Buffer.from('abcdeabcdea'))];
    redactor.add('abcd');
    out.push(stream.write(Buffer.from('!')), stream.end());
    expect(Buffer.concat(out).toString()).toBe('***a!');
  });

  it('hides what became known after the last piece in what was held back', () => {
    const redactor = growingRedactor();
    redactor.add('xabcdy');
    const stream = redactor.stream();
    expect(stream.write(Buffer.from('xabcd'))).toHaveLength(0);
    redactor.add('abcd');
    expect(Buffer.from(stream.end()).toString()).toBe('x***');
  });

  it('hands on at once what comes while nothing is known, and hides what comes afterwards', () => {
    const redactor = growingRedactor();
    const stream = redactor.stream();
    expect(Buffer.from(stream.write(Buffer.from('hunter22 hunt'))).toString()).toBe('hunter22 hunt');
    redactor.add('hunter22');
    const rest = [stream.write(Buffer.from('er22 hunter')), stream.write(Buffer.from('22')), stream.end()];
    expect(Buffer.concat(rest).toString()).toBe('er22 ***');
    expect(redactor.json({ a: 'hunter22' })).toEqual({ a: MASK });
  });

  it('takes time in proportion to its input, also for values made to be slow', () => {
    const values = Array.from({ length: 20 }, (_, index) => `${'a'.repeat(2_000 + index)}b`);
    const stream = createRedactor(values).stream();
    const chunk = Buffer.alloc(65_536, 'a');
    let sizeBytes = 0;
    for (let count = 0; count < 16; count += 1) sizeBytes += stream.write(chunk).length;
    expect(sizeBytes + stream.end().length).toBe(16 * 65_536);
  }, 5_000);
});
