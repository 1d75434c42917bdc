import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonValue } from '@sheaf/workflow';
import {
  findConformanceProblems,
  testAction,
  type TestRun,
  type TestWorld,
} from '../src/action-testing/index.js';
import { loadProjectTool } from '../src/actions/plugins/load-tool.js';
import { readProjectTools, type ProjectTool } from '../src/actions/plugins/project-tools.js';

let project = '';
let outside = '';

const tool = (name: string, rest: object): Promise<void> =>
  writeFile(
    join(project, 'tools', `${name}.json`),
    JSON.stringify({
      schema: 'sheaf.tool/1',
      name: `own.${name}`,
      version: '1.0.0',
      description: 'A tool',
      inputs: {
        type: 'object',
        properties: {
          text: { type: 'string', default: 'hi' },
          key: { type: 'string', 'x-sheaf-secret': true },
        },
      },
      outputs: { type: 'object', properties: { text: { type: 'string' } }, additionalProperties: true },
      ...rest,
    }),
  );
const script = async (name: string, text: string): Promise<void> => {
  await writeFile(join(project, 'tools', name), text);
  await chmod(join(project, 'tools', name), 0o755);
};
const MODULE = (change = ''): string => `
export const action = {
  manifest: { name: 'own.module', version: '1.0.0', description: 'A tool', inputs: { text: {}, key: {} }, outputs: { text: {} }, permissions: {} ${change} },
  async run(inputs, context) {
    if (inputs.text === 'throw') throw new Error('no luck');
    context.log('stdout', 'working\\n');
    return { text: inputs.text.toUpperCase() };
  },
};
`;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'sheaf-tools-'));
  outside = await mkdtemp(join(tmpdir(), 'sheaf-outside-'));
  await mkdir(join(project, 'tools'));
  await tool('plain', { command: ['./plain.sh', 'fixed'] });
  await script(
    'plain.sh',
    '#!/bin/sh\necho "$1 $INPUT_TEXT"\ncat > "$PWD/stdin.json"\necho "text=from file" > "$SHEAF_OUTPUT"\n[ "$INPUT_TEXT" != fail ]\n',
  );
  await tool('lines', { command: ['./lines.sh'], protocol: 'json-lines' });
  await script(
    'lines.sh',
    '#!/bin/sh\nread -r request\necho "{\\"log\\": \\"asked\\"}"\necho "{\\"outputs\\": {\\"text\\": \\"ok\\", \\"request\\": $request}}"\n',
  );
  await tool('rude', { command: ['./rude.sh'], protocol: 'json-lines' });
  await script('rude.sh', '#!/bin/sh\necho hello\nsleep 60\n');
  await tool('module', { module: './plugin.mjs' });
  await writeFile(join(project, 'tools', 'plugin.mjs'), MODULE());
  await tool('away', { module: './away.mjs' });
  await writeFile(join(outside, 'away.mjs'), MODULE());
  await symlink(join(outside, 'away.mjs'), join(project, 'tools', 'away.mjs'));
  await tool('twin', { name: 'own.plain', command: ['true'] });
  await tool('wrong', { command: undefined });
  await writeFile(join(project, 'tools', 'data.json'), '{"some": "data"}');
});
afterAll(async () => {
  await rm(project, { recursive: true, force: true });
  await rm(outside, { recursive: true, force: true });
});

const find = async (name: string): Promise<ProjectTool> => {
  const found = (await readProjectTools(project)).tools.find((each) => each.tool.manifest.name === name);
  if (found === undefined) throw new TypeError(`no tool ${name}`);
  return found;
};
const run = async (
  name: string,
  inputs: Readonly<Record<string, JsonValue>> = {},
  world: TestWorld = {},
): Promise<TestRun> => {
  const found = await find(name);
  const action = await loadProjectTool(found, () => true);
  const exec = found.tool.manifest.permissions.exec?.flat() ?? [];
  return testAction(action, {
    cwd: project,
    permissions: { exec, secrets: ['KEY'] },
    secrets: { KEY: 'sesame' },
  }).run(inputs, world);
};

describe('tools of a project', () => {
  it('are read from their files, and those that are wrong are told', async () => {
    const { tools, problems } = await readProjectTools(project);
    expect(tools.map((each) => each.tool.manifest.name)).toEqual([
      'own.away',
      'own.lines',
      'own.module',
      'own.plain',
      'own.rude',
    ]);
    expect(problems.map((problem) => problem.message)).toEqual([
      expect.stringContaining('own.plain is also the name'),
      'it must have either a command or a module',
    ]);
    expect(await readProjectTools(outside)).toEqual({ tools: [], servers: [], problems: [] });
  });

  it('get inputs as variables and as JSON, and give back text and a file', async () => {
    const { outputs, error } = await run('own.plain', { text: 'a "b"', key: 'KEY' });
    expect(error).toBeUndefined();
    expect(outputs).toEqual({ stdout: 'fixed a "b"', exit_code: 0, text: 'from file' });
    const { readFile } = await import('node:fs/promises');
    expect(JSON.parse(await readFile(join(project, 'stdin.json'), 'utf8'))).toEqual({
      text: 'a "b"',
      key: 'sesame',
    });
  });

  it('fail with what they found out', async () => {
    const { outputs, error } = await run('own.plain', { text: 'fail' });
    expect(error).toMatchObject({ code: 'plugin.failed', message: 'exit 1' });
    expect(outputs['text']).toBe('from file');
  });

  it('are not started without the permission', async () => {
    const { error } = await run('own.plain', {}, { permissions: { exec: ['bash'] } });
    expect(error).toMatchObject({ code: 'policy.denied', message: 'the run may not start "./plain.sh"' });
  });
});

describe('a plugin that speaks lines of JSON', () => {
  it('is asked once and answers', async () => {
    const { outputs, log } = await run('own.lines', { text: 'x' });
    expect(log).toBe('asked\n');
    expect(outputs).toMatchObject({
      text: 'ok',
      request: { schema: 'sheaf.action/1', step: 'step', inputs: { text: 'x' } },
    });
  });

  it('is stopped when it says something else', async () => {
    const began = performance.now();
    expect((await run('own.rude')).error).toMatchObject({
      code: 'plugin.failed',
      message: expect.stringContaining('hello') as string,
    });
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe('a plugin that is a module', () => {
  it('does its work in the process, once somebody agreed to it', async () => {
    const found = await find('own.module');
    await expect(loadProjectTool(found, () => false)).rejects.toMatchObject({
      code: 'plugin.not_allowed',
      hint: expect.stringContaining('sheaf tools own.module --allow') as string,
    });
    expect((await run('own.module', { text: 'loud' })).outputs).toEqual({ text: 'LOUD' });
    expect((await run('own.module', { text: 'throw' })).error).toMatchObject({
      code: 'action.failed',
      message: 'own.module failed: no luck',
    });
    const action = await loadProjectTool(found, () => true);
    expect(await findConformanceProblems(action, [{ inputs: { text: 'a' } }])).toEqual([]);
  });

  it('needs to be agreed to again when it has changed', async () => {
    const digests: string[] = [];
    const note = (plugin: { readonly digest: string }): boolean => digests.push(plugin.digest) > 0;
    await loadProjectTool(await find('own.module'), note);
    await writeFile(join(project, 'tools', 'plugin.mjs'), `${MODULE()}// changed`);
    await loadProjectTool(await find('own.module'), note);
    expect(new Set(digests).size).toBe(2);
  });

  it.each([
    ['exports nothing', 'export const other = 1;', 'exports no action'],
    ['says another version', MODULE(", version: '2.0.0'"), 'its version is "2.0.0"'],
    ['takes other inputs', MODULE(', inputs: { more: {} }'), 'its inputs are more'],
    ['cannot be read', 'export const action = {', 'cannot be loaded'],
  ])('is refused when it %s', async (_, text, message) => {
    await writeFile(join(project, 'tools', 'plugin.mjs'), text);
    await expect(loadProjectTool(await find('own.module'), () => true)).rejects.toMatchObject({
      code: 'plugin.invalid',
      message: expect.stringContaining(message) as string,
    });
  });

  it('is not loaded from outside of its folder', async () => {
    await expect(loadProjectTool(await find('own.away'), () => true)).rejects.toMatchObject({
      code: 'plugin.invalid',
    });
  });
});

describe('conformance', () => {
  it('tells an author what an action breaks', async () => {
    const problems = await findConformanceProblems(
      {
        manifest: {
          name: 'Bad',
          version: '1',
          description: 'x',
          inputs: {},
          outputs: { a: { type: 'integer' } },
          permissions: {},
        },
        run: () => Promise.resolve({ a: 'text', b: 1 }),
      },
      [{ inputs: {} }],
    );
    expect(problems).toEqual([
      expect.stringContaining('"Bad"'),
      expect.stringContaining('not SemVer'),
      'example 1: the output a must be an integer, not "text"',
      'example 1: the output b is not declared',
    ]);
  });
});
