import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findExplanation, listCodes } from '../src/explain/explain.js';
import { PACKAGE_DIR } from './harness.js';

const CODE = "'([a-z][a-z0-9_]*(?:\\.[a-z0-9_]+)+|cancelled)'";
/** Where sources say a code: thrown, in a closed list of codes, or as a member; and no other text with a dot in it. */
const SAYS = [
  new RegExp(`new \\w*Error\\(\\s*${CODE}`, 'g'),
  new RegExp(`\\bcode: ${CODE}`, 'g'),
  new RegExp(`\\bE[A-Z]+: \\[\\s*${CODE}`, 'g'),
];
const UNIONS = /type \w*Code\w* =\n?((?:\s*\|?\s*(?:'[a-z0-9_.]+'|\w+))+);/g;

function sourcesOf(name: string): readonly string[] {
  const folder = join(PACKAGE_DIR, '..', name, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !/\b(testing|json)\b/.test(path))
    .map((path) => readFileSync(join(folder, path), 'utf8'));
}

function codesIn(text: string): readonly string[] {
  const said = SAYS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code = '']) => code));
  const listed = [...text.matchAll(UNIONS)].flatMap(([, body = '']) =>
    [...body.matchAll(new RegExp(CODE, 'g'))].map(([, code = '']) => code),
  );
  return [...said, ...listed];
}

it('explains every code that any package can print', () => {
  const found = ['workflow', 'bundle', 'client', 'engine', 'cli'].flatMap(sourcesOf).flatMap(codesIn);
  const codes = [...new Set(found)].sort();
  expect(codes.length).toBeGreaterThan(250);
  expect(codes.filter((code) => findExplanation(code) === undefined)).toEqual([]);
});

it('says of each what happened, why, and what to do, in words for people', () => {
  for (const code of listCodes()) {
    const { what, why, todo } = findExplanation(code) ?? { what: '', why: '', todo: '' };
    for (const text of [what, why, todo]) {
      expect(text.length, code).toBeGreaterThan(3);
      expect(text, code).not.toMatch(/[.]$|\n/);
    }
  }
});

it('knows nothing of what is no code', () => {
  for (const word of ['', 'nothing', '__proto__', 'constructor', 'log.', 'LOG.FORK'])
    expect(findExplanation(word)).toBeUndefined();
});
