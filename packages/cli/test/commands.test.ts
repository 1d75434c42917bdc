import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schemaName } from '../src/frame/command.js';
import { ENVIRONMENT } from '../src/frame/environment.js';
import { COMMON_FLAGS, renderCommandHelp } from '../src/frame/help.js';
import { renderTopHelp } from '../src/frame/top-help.js';
import { TOPICS } from '../src/frame/topics.js';
import { PACKAGE_DIR } from './harness.js';
import { DOCUMENTS } from './json-documents.js';
import { loadCommands } from './load-commands.js';

const commands = await loadCommands();

/** Documents that are not called like a command. */
const OTHERS = ['audit-event', 'error', 'info-local', 'run-event', 'run-list', 'run-summary', 'version'];

describe.each(commands.map((command) => [command.name, command] as const))('%s', (name, command) => {
  it('has one sentence, two examples to paste, exit codes and a schema in its help', () => {
    const page = renderCommandHelp(command, 80);
    expect(command.about).toMatch(/^[A-Z].*\.$/);
    expect([2, 3]).toContain(command.examples.length);
    for (const example of command.examples) expect(example).toMatch(/^([A-Z_]+=\S+ )?sheaf /);
    expect(command.examples.join('\n')).toContain(`sheaf ${name}`);
    expect(page).toContain('exits  0 done');
    expect(page).toContain(`json   ${schemaName(name)}`);
    expect(DOCUMENTS.has(name.replaceAll(' ', '-')), 'packages/cli/src/json').toBe(true);
  });

  it('has flags that are told apart, and closed lists that their help names', () => {
    const flags = [...command.flags, ...COMMON_FLAGS];
    const words = flags.flatMap((flag) => [flag.name, ...(flag.short === undefined ? [] : [flag.short])]);
    expect(new Set(words).size).toBe(words.length);
    for (const { name: flag, value, values } of flags) {
      expect(flag).toMatch(/^[a-z][a-z0-9-]+$/);
      if (values !== undefined) expect(value, flag).toBeDefined();
    }
    expect(command.positionals.required).toBeLessThanOrEqual(command.positionals.names.length);
  });

  it('says of every word what shells offer for it, or that they offer nothing', () => {
    const { names, completes = [] } = command.positionals;
    expect(completes).toHaveLength(names.length);
  });
});

it('describes no document that nothing prints', () => {
  const names = commands.map(({ name }) => name.replaceAll(' ', '-'));
  expect([...DOCUMENTS.keys()].filter((name) => !names.includes(name) && !OTHERS.includes(name))).toEqual([]);
});

it('fits its pages into 80 columns, but for examples and other words that are copied', () => {
  const pages = [renderTopHelp(), ...TOPICS.map(({ render }) => render(80))];
  const wide = [...pages, ...commands.map((command) => renderCommandHelp(command, 80))]
    .flatMap((page) => page.split('\n'))
    .filter((line) => line.length > 80 && !/^ {2}(\S+=\S+ )?sheaf |^usage /.test(line));
  expect(wide).toEqual([]);
});

it('names in its help every variable that it reads', () => {
  const folder = join(PACKAGE_DIR, 'src');
  const read = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .flatMap((path) => [
      ...readFileSync(join(folder, path), 'utf8').matchAll(/(?:env\[|isSet\()'([A-Z_]+)'[\])]/g),
    ])
    .map(([, name = '']) => name);
  const named = ENVIRONMENT.flatMap(({ name, meaning }) => [
    ...name.split(', '),
    ...(meaning.match(/[A-Z_]{4,}/g) ?? []),
  ]);
  expect(read.length).toBeGreaterThan(10);
  expect([...new Set(read)].filter((name) => !named.includes(name))).toEqual([]);
});
