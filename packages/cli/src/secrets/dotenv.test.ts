import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CliError } from '../frame/errors.js';
import { parseDotenv } from './dotenv.js';

const parse = (text: string): object => Object.fromEntries(parseDotenv(text, '.env'));

function refusalOf(text: string): string | undefined {
  try {
    parseDotenv(text, '.env');
    return undefined;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    expect(error.code).toBe('dotenv.invalid');
    return error.message;
  }
}

describe('a dotenv file', () => {
  it.each([
    ['nothing', '', {}],
    ['blank lines and comments', '\ufeff\n # a comment = "\n\t\n#\n', {}],
    [
      'plain values',
      'A=one\nB_2=https://x.example/?a=b&c;d\n',
      { A: 'one', B_2: 'https://x.example/?a=b&c;d' },
    ],
    ['export, and no line end at the end', 'export A=one\nexport\tB=two', { A: 'one', B: 'two' }],
    ['line ends of windows', 'A=one\r\nB=two\r\n', { A: 'one', B: 'two' }],
    ['comments behind values', "A=one # more\nB='two' # 'x'\nC= # empty\n", { A: 'one', B: 'two', C: '' }],
    ['single quotes, in which all is as it is', 'A=\'$x \\n `y` "z" #\'', { A: '$x \\n `y` "z" #' }],
    ['double quotes with escapes', 'A="a\\tb\\"c\\\\n\\$d\\n"', { A: 'a\tb"c\\n$d\n' }],
    [
      'values of several lines',
      'A=\'-----BEGIN\nX\n-----END\'\nB="1\n2"',
      { A: '-----BEGIN\nX\n-----END', B: '1\n2' },
    ],
    [
      'names like those of objects',
      '__proto__=a\nconstructor=b',
      JSON.parse('{"__proto__":"a","constructor":"b"}'),
    ],
  ])('may have %s', (_what, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ['no name', '=secret', '.env:1:1: a name is expected'],
    ['a name that begins with a digit', 'A=1234\n2B=secret', '.env:2:1: a name is expected'],
    ['no =', 'A=1\n\nNAME\n', '.env:3:5: an = is expected right behind the name'],
    ['spaces around =', 'NAME = secret', '.env:1:5: an = is expected right behind the name'],
    ['a space in a value', 'A=two words', '.env:1:7: the value of A ends before the line does'],
    ['a # in a value', 'A=secret#1', '.env:1:9: the value of A ends before the line does'],
    ['a quote in a value', "A=it's", '.env:1:5: the value of A ends before the line does'],
    ['something behind a quote', 'é=1', '.env:1:1: a name is expected'],
    ['text behind a closing quote', "A='x'y", '.env:1:6: the value of A ends before the line does'],
    ['an expansion', 'A=secret$B', '.env:1:9: the value of A ends before the line does'],
    [
      'an expansion in quotes',
      'A="é$B"',
      '.env:1:5: the value of A has an expansion, and nothing is expanded here',
    ],
    ['a command', 'A="`id`"', '.env:1:4: the value of A has an expansion, and nothing is expanded here'],
    ['an unknown escape', 'A="\\q"', '.env:1:4: the value of A has an unknown escape'],
    ['an open single quote', "B=1\nA='x\ny", '.env:2:3: the value of A has no closing quote'],
    ['an open double quote', 'A="x\n\ny', '.env:1:3: the value of A has no closing quote'],
    ['a name twice', "A=1\nB='\n\n'\nA=2", '.env:5:1: A is there already, in line 1'],
    ['a NUL', "A='x\u0000yz'", '.env:1:9: the value of A holds a NUL'],
  ])('is refused with %s, at its place', (_what, text, message) => {
    expect(refusalOf(text)).toBe(message);
  });

  it('gives back any values in quotes, and says nothing of them where one is open', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 }), { maxLength: 5 }), (given) => {
        const values = given.map((value) => value.replaceAll('\0', ''));
        const escaped = values.map((value) =>
          value.replace(/["\\$`]/g, (sign) => (sign === '`' ? '' : `\\${sign}`)),
        );
        const text = escaped.map((value, index) => `N${index}="${value}"\n`).join('');
        expect(parse(text)).toEqual(
          Object.fromEntries(values.map((value, index) => [`N${index}`, value.replaceAll('`', '')])),
        );
        expect(refusalOf(`${text}LAST='hunter22`)).not.toContain('hunter22');
      }),
    );
  });

  it('takes time in proportion to its size', () => {
    const lines = Array.from(
      { length: 1000 },
      (_, index) => `NAME_${index}=${'x'.repeat(200)} # ${'y'.repeat(40)}`,
    );
    expect(Object.keys(parse(lines.join('\n')))).toHaveLength(1000);
    expect(refusalOf(`${' \t'.repeat(100_000)}?`)).toContain(':200001:');
  }, 2_000);
});
