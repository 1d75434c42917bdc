import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { FUNCTIONS } from '../src/expression/functions/table.js';
import { MACRO_NAMES } from '../src/expression/macros.js';
import { evaluateTemplate } from '../src/index.js';

const TEXT = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'EXPRESSIONS.md'), 'utf8');
/** Rows of the tables that show an expression and what it gives. */
const TABLES = TEXT.split('\n\n').filter((part) => /^\| expression +\| gives/.test(part));
const ROWS = TABLES.flatMap((table) => [...table.matchAll(/^\| `(.+?)` +\| `(.+)` +\|$/gm)]).map(
  ([, expression = '', result = '']) => [expression.replaceAll('\\|', '|'), result] as const,
);

describe('the page about expressions', () => {
  it.each(ROWS)('tells the truth about %s', (expression, result) => {
    expect(JSON.stringify(evaluateTemplate(`\${{ ${expression} }}`, {}))).toBe(result);
  });

  it('names every function and every macro', () => {
    expect(ROWS.length).toBeGreaterThan(70);
    const missing = [...FUNCTIONS.keys(), ...MACRO_NAMES].filter(
      (name) => !new RegExp(`\\b${name.replace('.', '\\.')}\\b`).test(TEXT),
    );
    expect(missing).toEqual([]);
  });
});
