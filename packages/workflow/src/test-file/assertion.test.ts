import { describe, expect, it } from 'vitest';
import { evaluateAssertion } from './assertion.js';

const scope = { outputs: { text: 'abc', n: 2, list: [1, 2] } };

describe('evaluateAssertion', () => {
  it('shows nothing of a condition that holds', () => {
    expect(evaluateAssertion('${{ outputs.n == 2 }}', scope)).toEqual({ holds: true, sides: [] });
  });

  it('shows the values that a condition rests on', () => {
    const sidesOf = (text: string) =>
      evaluateAssertion(`\${{ ${text} }}`, scope).sides.map((side) => [side.text, side.value]);
    expect(sidesOf('outputs.n + 1 == outputs.list.size()')).toEqual([
      ['outputs.n + 1', 3],
      ['outputs.list.size()', 2],
    ]);
    expect(sidesOf("outputs.text.startsWith('x')")).toEqual([['outputs.text', 'abc']]);
    expect(sidesOf('!(outputs.n in outputs.list)')).toEqual([['outputs.n in outputs.list', true]]);
    expect(sidesOf("outputs.n == 2 && outputs.text == 'x'")).toEqual([['outputs.text', 'abc']]);
    expect(sidesOf('outputs.n > 5 || outputs.list.exists(x, x > 5)')).toEqual([
      ['outputs.n', 2],
      ['outputs.list.exists(x, x > 5)', false],
    ]);
    // What fails by itself has no value to be shown.
    expect(sidesOf('outputs.nothing == 1 && false')).toEqual([['false', false]]);
  });
});
