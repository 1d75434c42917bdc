import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../model.js';
import { BUILT_IN_ACTIONS, createCatalogue } from './catalogue.js';
import { checkInputs } from './check-inputs.js';
import { resolveUses } from './resolve.js';
import { readServerFile, type ToolServer } from './server-file.js';

const TOOLS: readonly JsonValue[] = [
  {
    name: 'create_issue',
    description: 'Creates an issue. It is told to all who watch.',
    inputSchema: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: {
        title: { type: 'string', pattern: '^(?=x)', minLength: 1 },
        labels: { type: 'array', items: { type: 'string' } },
        state: { enum: ['open', 1] },
        level: { type: 'string', enum: ['low', 'high'], default: 'low' },
        both: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      },
      required: ['title'],
      additionalProperties: false,
    },
    outputSchema: { type: 'object', properties: { number: { type: 'integer' } } },
  },
  { name: 'getThing' },
];
const file = (rest: object): string =>
  JSON.stringify({ schema: 'sheaf.mcp/1', name: 'hub', url: 'https://mcp.example.com:8443/mcp', ...rest });
const read = (rest: object = {}): ToolServer => {
  const found = readServerFile(file(rest), 'tools/hub.json');
  if ('problems' in found) throw new TypeError(found.problems.join('; '));
  return found.server;
};

describe('the file of a server', () => {
  it('says how it is reached, and what each of its tools takes and gives', () => {
    const { inputs, manifests } = read({ tools: TOOLS, headers: { 'X-Key': '${KEY}' }, timeout_ms: 5 });
    expect(inputs).toEqual({
      url: 'https://mcp.example.com:8443/mcp',
      headers: { 'X-Key': '${KEY}' },
      timeout_ms: 5,
    });
    const [create, thing] = manifests;
    expect(create).toMatchObject({
      name: 'hub:create_issue',
      description: 'Creates an issue',
      inputs: {
        title: { type: 'string', required: true },
        labels: { type: 'list', items: { type: 'string' } },
        state: { type: 'json' },
        level: { type: 'enum', values: ['low', 'high'] },
        both: { type: 'json' },
      },
      permissions: { hosts: ['mcp.example.com:8443'] },
      server: 'hub',
      call: { action: 'mcp', with: { tool: 'create_issue' }, under: 'arguments' },
    });
    // The server has the last word: patterns of another kind and defaults are its own.
    expect(create?.inputs['title']).not.toHaveProperty('pattern');
    expect(create?.inputs['level']).not.toHaveProperty('default');
    expect(create?.outputs['structured']).toMatchObject({
      type: 'map',
      fields: { number: { type: 'integer' } },
    });
    if (create === undefined || thing === undefined) throw new TypeError('no tools');
    expect(checkInputs(create, { titel: 'x' }).problems.map(({ code }) => code)).toEqual([
      'input.unknown',
      'input.missing',
    ]);
    expect(checkInputs(thing, { whatever: [1] }).problems).toEqual([]);
  });

  it('names a program where one is to be started', () => {
    const { manifests } = read({ url: undefined, command: ['npx', '-y', 'server'], tools: TOOLS });
    expect(manifests[0]?.permissions).toEqual({ exec: ['npx'] });
  });

  it.each([
    ['no schema', { schema: 'sheaf.tool/1' }, 'it must begin with'],
    ['an unknown key', { headres: {} }, 'did you mean "headers"?'],
    ['a reserved name', { name: 'git' }, 'is reserved'],
    ['a qualifier as its name', { name: 'project' }, 'is reserved'],
    ['a name that is none', { name: 'A b' }, 'is not one'],
    ['neither command nor url', { url: undefined }, 'either a command or a url'],
    ['both', { command: ['x'] }, 'either a command or a url'],
    ['an option for a program', { url: undefined, command: ['-c'] }, 'first a program'],
    ['another protocol', { url: 'file:///etc/passwd' }, 'url must be an address'],
    ['tools that are no list', { tools: {} }, 'tools must be a list'],
    ['a tool whose name is none', { tools: [{ name: 'a b' }] }, 'the tool 1 has no name'],
  ])('is refused with %s', (_, rest, problem) => {
    const found = readServerFile(file(rest), 'tools/hub.json');
    expect('problems' in found ? found.problems.join('; ') : '').toContain(problem);
  });

  it.each(['', '[]', 'null', '{', `{"a": "${'x'.repeat(1_048_576)}"}`])('is no file of one: %#', (text) => {
    expect(readServerFile(text, 'x.json')).toHaveProperty('problems');
  });
});

describe('the name of a tool of a server', () => {
  const other = { ...read({ tools: [TOOLS[0] ?? null] }) };
  const second = readServerFile(
    JSON.stringify({
      schema: 'sheaf.mcp/1',
      name: 'lab',
      command: ['lab'],
      tools: [{ name: 'only_here' }, TOOLS[0]],
    }),
    'tools/lab.json',
  );
  const open = readServerFile(
    JSON.stringify({ schema: 'sheaf.mcp/1', name: 'free', command: ['free'] }),
    'tools/free.json',
  );
  if ('problems' in second || 'problems' in open) throw new TypeError('not read');
  const catalogue = createCatalogue([
    ...Object.values(BUILT_IN_ACTIONS),
    ...[other, second.server, open.server].flatMap(({ manifests }) => manifests),
  ]);
  const resolve = (uses: string, templates: readonly string[] = []) =>
    resolveUses(uses, { templates, catalogue, workflows: ['acme/free'] });

  it('stands alone where one server has it, and with its server everywhere', () => {
    expect(resolve('only_here')).toMatchObject({ kind: 'action', manifest: { name: 'lab:only_here' } });
    expect(resolve('hub:create_issue')).toMatchObject({ manifest: { server: 'hub' } });
    expect(resolve('lab:create_issue')).toMatchObject({ manifest: { server: 'lab' } });
  });

  it('is ambiguous where two offer it, and all who do are told', () => {
    expect(resolve('create_issue')).toEqual({
      kind: 'ambiguous',
      candidates: ['hub:create_issue', 'lab:create_issue'],
    });
    expect(resolve('only_here', ['only_here'])).toEqual({
      kind: 'ambiguous',
      candidates: ['workflow:only_here', 'lab:only_here'],
    });
    expect(resolve('workflow:only_here', ['only_here'])).toMatchObject({ kind: 'template' });
  });

  it('may be any where the tools of its server are not listed', () => {
    expect(resolve('free:whatItHas')).toMatchObject({
      kind: 'action',
      manifest: { name: 'free:whatItHas', call: { with: { command: ['free'], tool: 'whatItHas' } } },
    });
    expect(resolve('whatItHas')).toMatchObject({ kind: 'unknown' });
  });

  it('is unknown where its server does not list it', () => {
    expect(resolve('hub:create_isue')).toEqual({ kind: 'unknown', near: 'hub:create_issue' });
    expect(resolve('built-in:create_issue')).toMatchObject({ kind: 'unknown' });
    expect(resolve('acme/free')).toEqual({ kind: 'workflow', id: 'acme/free' });
  });
});
