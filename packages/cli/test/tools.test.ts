import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { buildCli, createMachine, type Machine } from './harness.js';

beforeAll(() => {
  buildCli();
});

const FLOW = `id = "acme/flow"
version = "1.0.0"
[permissions]
exec = ["sh"]
[steps.twice]
script = "return { n: input.n * 2 };"
with = { n = 21 }
[steps.loud]
uses = "own.shout"
with = { text = "n is \${{ steps.twice.outputs.n }}" }
[steps.count]
uses = "own.count"
with = { text = "\${{ steps.loud.outputs.text }}" }
[outputs]
text = "\${{ steps.loud.outputs.text }}"
words = "\${{ steps.count.outputs.words }}"
`;
const tool = (name: string, rest: object): string =>
  JSON.stringify({
    schema: 'sheaf.tool/1',
    name,
    version: '1.0.0',
    description: 'A tool',
    inputs: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    ...rest,
  });
const MODULE = `export const action = {
  manifest: { name: 'own.shout', version: '1.0.0', description: 'A tool', inputs: { text: {} }, outputs: { text: {} }, permissions: {} },
  run: async ({ text }) => ({ text: (await import('node:path')).basename(text.toUpperCase()) }),
};`;
const texts = (name: string) => ({ type: 'object', properties: { [name]: { type: 'string' } } });

function createProject(): Machine {
  const machine = createMachine();
  mkdirSync(join(machine.dir, 'tools'));
  const files = {
    'workflow.toml': FLOW,
    'sheaf.toml': '',
    'tools/shout.json': tool('own.shout', { outputs: texts('text'), module: './shout.mjs' }),
    'tools/shout.mjs': MODULE,
    'tools/count.json': tool('own.count', {
      outputs: texts('words'),
      command: ['sh', '-c', 'echo words=$(printf %s "$INPUT_TEXT" | wc -w) > "$SHEAF_OUTPUT"'],
    }),
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(machine.dir, path), text);
  return machine;
}

it('lists what is built in and what the project declares, and tells what is wrong there', () => {
  const machine = createProject();
  const listed = machine.run(['tools']);
  expect(listed.status).toBe(0);
  expect(listed.stdout).toMatch(/^ai\.chat\t1\.0\.0\t\tbuilt-in\t/);
  expect(listed.stdout).toContain('\nown.count\t1.0.0\t\ttools/count.json\tA tool\n');
  writeFileSync(join(machine.dir, 'tools/bad.json'), tool('core.mine', { command: ['true'] }));
  const bad = machine.run(['tools', '--json']);
  expect(bad.status).toBe(7);
  const { tools, problems } = JSON.parse(bad.stdout) as {
    tools: { name: string; inputs: object }[];
    problems: object[];
  };
  expect(tools.find(({ name }) => name === 'own.count')).toMatchObject({
    origin: 'project',
    does: 'command',
    permissions: { exec: [['sh']] },
    inputs: { type: 'object', required: ['text'], additionalProperties: false },
  });
  expect(problems).toEqual([
    expect.objectContaining({ message: 'the name core.mine is reserved for what is built in' }),
  ]);
});

it('shows one of them, and suggests a name that is near', () => {
  const machine = createMachine();
  expect(machine.run(['tools', 'git.log']).stdout).toContain('may use  exec git · read: folder');
  expect(machine.run(['tools', 'git.lgo'])).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('sheaf tools git.log') as string,
  });
});

it('runs a module of the project only as it was allowed', () => {
  const machine = createProject();
  const refused = machine.run(['run', '.']);
  expect(refused.status).toBe(8);
  expect(refused.stderr).toContain('sheaf tools own.shout --allow');
  expect(machine.run(['tools', 'own.count', '--allow']).status).toBe(2);
  expect(machine.run(['tools', 'own.shout', '--allow']).status).toBe(0);
  const done = machine.run(['run', '.', '--json']);
  expect(done.stdout).toContain('"outputs":{"text":"N IS 42","words":"3"}');
  writeFileSync(join(machine.dir, 'tools/shout.mjs'), `${MODULE}\n// changed`);
  expect(machine.run(['run', '.']).status).toBe(8);
});

it('asks a server of the project for its tools, writes them down, and steps use them', () => {
  const machine = createMachine();
  mkdirSync(join(machine.dir, 'tools'));
  const server = join(import.meta.dirname, '../../engine/test/mcp/stdio-toy.mjs');
  const declared = { schema: 'sheaf.mcp/1', name: 'toy', command: [process.execPath, server] };
  writeFileSync(join(machine.dir, 'tools/toy.json'), JSON.stringify(declared));
  writeFileSync(
    join(machine.dir, 'workflow.toml'),
    `id = "acme/sums"
version = "1.0.0"
[permissions]
exec = [${JSON.stringify(process.execPath)}]
[steps.sum]
uses = "add"
with = { a = 20, b = 22 }
[outputs]
sum = "\${{ steps.sum.outputs.text }}"
`,
  );
  // Nobody has said yet what the server has, and a name alone is none of its tools.
  const before = machine.run(['validate']);
  expect(before.status).toBe(7);
  expect(before.stderr).toContain('action.unknown');
  const asked = machine.run(['tools', '--mcp', 'toy', '--save', '--json']);
  expect(asked.status).toBe(0);
  const { tools, asked: answer } = JSON.parse(asked.stdout) as { tools: object[]; asked: object };
  expect(tools[0]).toMatchObject({
    name: 'toy:add',
    origin: 'server',
    server: 'toy',
    file: 'tools/toy.json',
  });
  expect(answer).toMatchObject({ server: 'toy 1.2.3', saved: 'tools/toy.json' });
  const run = machine.run(['run', '.']);
  expect(run).toMatchObject({ status: 0, stdout: '42\n' });
  expect(machine.run(['tools', '--mcp', 'boy'])).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('sheaf tools --mcp toy') as string,
  });
});
