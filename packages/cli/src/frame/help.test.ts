import { expect, it } from 'vitest';
import { defineCommand } from './command.js';
import { renderGroupHelp } from './help.js';

const part = (name: string) =>
  defineCommand<object, object>({
    name: `key ${name}`,
    about: `Do ${name}.`,
    positionals: { names: [], required: 0 },
    flags: [],
    examples: [`sheaf key ${name} --now`, `sheaf key ${name}`],
    exitCodes: [0],
    run: () => Promise.resolve({ data: {} }),
    render: () => ({}),
  });

it('begins the page of a group with examples of its first commands', () => {
  const group = { name: 'key', about: 'Keys.', commands: ['a', 'b', 'c'].map(part) };
  expect(renderGroupHelp(group, 80).split('\n').slice(0, 6)).toEqual([
    'Keys.',
    '',
    '  sheaf key a --now',
    '  sheaf key b --now',
    '',
    '  sheaf key a  Do a',
  ]);
});
