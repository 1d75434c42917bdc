import { describe, expect, it } from 'vitest';
import { shellWord } from './shell.js';

describe('shellWord', () => {
  it('leaves a plain word as it is', () => {
    expect(shellWord('https://wf.example.com:7433/a')).toBe('https://wf.example.com:7433/a');
  });

  it('leaves a reference with a caret as it is', () => {
    expect(shellWord('acme/deploy@^1.2')).toBe('acme/deploy@^1.2');
  });

  it.each([
    'a/b@>=1.0.0',
    'a/b@1 || *',
    'a/b@~1',
    '^1',
    '',
    'a b',
    '$(id)',
    '`id`',
    "it's",
    'a;b',
    '~',
    '=x',
    'a\nb',
    '*',
    '!1',
  ])('quotes %j', (word) => {
    expect(shellWord(word)).toBe(`'${word.replaceAll("'", String.raw`'\''`)}'`);
  });
});
