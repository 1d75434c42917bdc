import { expect, it } from 'vitest';
import { wantsColour } from './colour.js';
import { COLOURED } from './style.js';

it.each([
  [{}, true, true],
  [{}, false, false],
  [{ TERM: 'dumb' }, true, false],
  [{ CLICOLOR: '0' }, true, false],
  [{ CLICOLOR: '1' }, false, false],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '' }, false, false],
  [{ FORCE_COLOR: '3', TERM: 'dumb' }, true, true],
  [{ CLICOLOR_FORCE: '1' }, false, true],
  [{ CLICOLOR_FORCE: '0' }, true, true],
  [{ CLICOLOR_FORCE: '0' }, false, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1', CLICOLOR_FORCE: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ NO_COLOR: '0' }, true, false],
])('%j on a terminal: %s gets colours: %s', (env: Record<string, string>, isTty, expected) => {
  expect(wantsColour(env, isTty)).toBe(expected);
});

it('uses the plain colours of the terminal alone, which its theme made readable, and never yellow or white in bold', () => {
  const sequences = Object.values<(text: string) => string>({ ...COLOURED })
    .map((paint) => paint('x'))
    .join('');
  const codes = [...sequences.matchAll(/\[(\d+)m/g)].map(([, code]) => Number(code));
  expect(codes.every((code) => code < 37 || code === 39)).toBe(true);
  expect(COLOURED.yellow('x')).not.toContain('[1m');
});
