import { expect, it } from 'vitest';
import { describeChoices, numberChoices, readChoice, type Choices } from './choices.js';

const CHOICES: Choices<'y' | 'n' | 'd'> = { keys: { y: 'yes', n: 'no', d: 'plan' }, default: 'n' };

it('shows the keys on one line, the default as a capital', () => {
  expect(describeChoices(CHOICES)).toBe('[y/N/d = plan]');
});

it('numbers the choices for who hears them', () => {
  expect(numberChoices(CHOICES)).toEqual(['  1 yes', '  2 no (what Enter means)', '  3 plan']);
});

it.each([
  ['y', 'y'],
  [' YES ', 'y'],
  ['1', 'y'],
  ['3', 'd'],
  ['plan', 'd'],
  ['', 'n'],
  ['4', 'n'],
  ['yess', 'n'],
  ['__proto__', 'n'],
])('reads %j as %s', (typed, key) => {
  expect(readChoice(typed, CHOICES)).toBe(key);
});
