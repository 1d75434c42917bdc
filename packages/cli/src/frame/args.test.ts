import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArgs, type Flag } from './args.js';
import { codeOf } from './errors.js';

const FLAGS: readonly Flag[] = [
  { name: 'param', short: 'p', value: 'NAME=VALUE', repeat: true, summary: '' },
  { name: 'output', short: 'o', value: 'FILE', summary: '' },
  { name: 'yes', short: 'y', summary: '' },
  { name: 'help', summary: '' },
];
const parse = (...words: readonly string[]) =>
  parseArgs(words, FLAGS, { names: ['REF'], required: 0 }, 'run');

function codeOfThrown(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

describe('a word that is missing or too many', () => {
  const command = { name: 'channel set', examples: ['sheaf channel set acme/deploy@1.2.0 beta', 'more'] };
  const positionals = { names: ['REF', 'CHANNEL'], required: 2 };
  const help = [
    'sheaf channel set REF CHANNEL',
    'for example sheaf channel set acme/deploy@1.2.0 beta',
    'sheaf channel set --help',
  ];

  it.each([
    [['a/b@1.0.0'], 'usage.missing_argument', 'sheaf channel set needs CHANNEL'],
    [['a/b@1.0.0', 'beta', 'c'], 'usage.unexpected_argument', 'sheaf channel set does not take `c`'],
  ])('of %j shows the form of the command, and an example', (words, code, message) => {
    expect(() => parseArgs(words, FLAGS, positionals, command)).toThrow(
      expect.objectContaining({ code, message, hint: help }) as Error,
    );
  });
});

describe('parseArgs', () => {
  it('suggests a value that may be left out in the only way that it is taken', () => {
    const json = { name: 'json', value: 'VERSION', values: ['1'], optional: true, summary: '' };
    expect(() => parseArgs(['--json=2'], [json], { names: [], required: 0 }, 'search')).toThrow(
      expect.objectContaining({ hint: ['did you mean --json=1', 'sheaf search --help'] }) as Error,
    );
  });

  it('reads a value after a space, after an equals sign and right after a short flag', () => {
    expect(parse('--output', 'a').get('output')).toBe('a');
    expect(parse('--output=a=b').get('output')).toBe('a=b');
    expect(parse('-oa').get('output')).toBe('a');
    expect(parse('-o=a').get('output')).toBe('a');
  });

  it('keeps every value of a flag that may be repeated, in order', () => {
    expect(parse('-p', 'a=1', 'x', '-pb=2').all('param')).toEqual(['a=1', 'b=2']);
  });

  it('takes what follows -- for words, whatever it looks like', () => {
    expect(parse('--', '--yes').positionals).toEqual(['--yes']);
  });

  it('takes a lone hyphen for a word', () => {
    expect(parse('-').positionals).toEqual(['-']);
  });

  it.each([
    ['an unknown flag', ['--nope'], 'usage.unknown_flag'],
    ['an unknown short flag', ['-x'], 'usage.unknown_flag'],
    ['a flag called like a member of every object', ['--constructor'], 'usage.unknown_flag'],
    ['a missing value', ['--output'], 'usage.missing_value'],
    ['a value for a switch', ['--yes=1'], 'usage.unexpected_value'],
    ['a flag given twice', ['-o', 'a', '-o', 'b'], 'usage.repeated_flag'],
    ['a word too many', ['a', 'b'], 'usage.unexpected_argument'],
  ])('refuses %s', (_, words, code) => {
    expect(codeOfThrown(() => parse(...words))).toBe(code);
  });

  it('names what is missing, unless help is asked for', () => {
    const strict = (...words: readonly string[]) =>
      parseArgs(words, FLAGS, { names: ['REF'], required: 1 }, 'run');
    expect(codeOfThrown(() => strict())).toBe('usage.missing_argument');
    expect(strict('--help').has('help')).toBe(true);
  });

  it('suggests the flag that was probably meant', () => {
    expect(() => parse('--outptu', 'x')).toThrow(
      expect.objectContaining({ hint: ['did you mean --output', 'sheaf run --help'] }) as Error,
    );
  });

  it('never fails with anything but a usage error', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const code = codeOfThrown(() => parse(...words));
        return code === undefined || code.startsWith('usage.');
      }),
    );
  });
});
