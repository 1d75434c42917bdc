import { describe, expect, it } from 'vitest';

import type { Scope } from './scope.js';
import { evaluateTemplate } from './template.js';

/** What 100 ms of a quiet machine may take on one that does ten other things. */
const LIMIT_MICROS = 300_000;

/** Runs something and counts the microseconds of processor time. */
function measure<T>(run: () => T): { readonly result: T; readonly micros: number } {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { result, micros: user + system };
}

const list = `[${Array.from({ length: 100 }, (_, at) => at).join(', ')}]`;
const nearly = `${'a'.repeat(25_000)}b${'a'.repeat(25_000)}`;
const scope: Scope = {
  params: {
    text: `${'a'.repeat(1_000_000)}!`,
    part: nearly,
    big: Array.from({ length: 1_000_000 }, (_, at) => at),
    map: Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, at])),
    json: JSON.stringify(Array.from({ length: 50_000 }, () => [])),
  },
};
const again = (part: string) => `lists.range(100000).exists(i, ${part})`;

describe('the budget of an expression', () => {
  it.each([
    ['nested loops', `${list}.map(a, ${list}.map(b, ${list}.map(c, a + b + c)))`],
    ['a loop over a million', 'params.big.map(a, params.big.map(b, a + b))'],
    ['a list of a million', 'lists.range(1000000000)'],
    ['text that doubles', `['a']${'.map(a, a + a + a + a + a + a + a + a)'.repeat(9)}`],
    ['lists that grow', `[1]${'.map(a, [a, a, a, a, a, a, a, a]).flatten()'.repeat(7)}`],
    [
      'lists in lists that are shared',
      'cel.bind(a, [1,1,1,1,1,1,1,1,1,1], cel.bind(b, [a,a,a,a,a,a,a,a,a,a], cel.bind(c, [b,b,b,b,b,b,b,b,b,b], cel.bind(d, [c,c,c,c,c,c,c,c,c,c], [d,d,d,d,d,d,d,d,d,d,d,d,d,d,d,d,d,d,d,d]))))',
    ],
    ['a pattern that backtracks elsewhere', "params.text.matches('(a+)+$')"],
    ['a pattern with many counts', "params.text.matches('(a|aa)*b(x{0,30}){0,30}')"],
    ['patterns made anew', again("'a'.matches('(a{0,50}){0,80}' + string(i))")],
    ['patterns that are refused', again("'a'.matches('(a{0,50}){0,900}' + string(i))")],
    ['text that is nearly everywhere', again('params.text.contains(params.part)')],
    ['the last place of such text', again('params.text.lastIndexOf(params.part) > 0')],
    ['cutting at such text', again('params.text.split(params.part).size() > 1')],
    ['failures that are made good', again('1 / 0 == 0')],
    ['the size of a large map', again('params.map.size() < 0')],
    ['equality of large maps', again('params.map != params.map')],
    ['time zones', again("timestamp(i).getHours('Europe/Berlin') < 0")],
    ['reading times', again("timestamp('2026-01-31T12:00:00Z') < timestamp(0)")],
    ['digits', again("'%.100f%.100e'.format([1.1, 1.1]) == ''")],
    ['reading JSON', again('json.decode(params.json) == 0')],
    ['sorting', 'params.big.map(x, -x).sort()'],
    ['what occurs once', 'params.big.distinct()'],
  ])('stops %s in time', (_, expression) => {
    const { result, micros } = measure(() => {
      try {
        return JSON.stringify(evaluateTemplate(`\${{ ${expression} }}`, scope)).slice(0, 80);
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect(result).toBe('expression.budget');
    expect(micros).toBeLessThan(LIMIT_MICROS);
  });

  it('stops what would take much memory before much work', () => {
    const before = process.memoryUsage().heapUsed;
    expect(() => evaluateTemplate('${{ params.big.map(x, [x]).size() }}', scope)).toThrow(
      /too much work|memory/,
    );
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1_048_576);
  });

  it('leaves room for ten thousand lines of a log', () => {
    const stdout = Array.from(
      { length: 10_000 },
      (_, at) => `${at % 7 === 0 ? 'fix' : 'add'}: line ${at}`,
    ).join('\n');
    const template =
      "${{ params.stdout.split('\n').filter(l, l.matches('^fix')).map(l, l.substring(5)).join(', ') }}";
    expect(evaluateTemplate(template, { params: { stdout } })).toMatch(/^line 0, line 7, /);
  });

  it('evaluates ten thousand simple templates in a tenth of a second', () => {
    const steps = { log: { status: 'succeeded' as const, outputs: { stdout: 'x' } } };
    const { micros } = measure(() => {
      for (let i = 0; i < 10_000; i++) {
        evaluateTemplate("notes of ${{ steps.log.outputs.stdout != '' ? params.n : 0 }}", {
          params: { n: i },
          steps,
        });
      }
    });
    expect(micros).toBeLessThan(LIMIT_MICROS);
  });
});
