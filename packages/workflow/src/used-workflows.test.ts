import { describe, expect, it } from 'vitest';

import {
  createPlan,
  parseVersion,
  readDefinition,
  readStepGraph,
  type UsedWorkflow,
  type ValidationContext,
  type WorkflowDefinition,
} from './index.js';

function read(id: string, body: string, context?: ValidationContext) {
  const text = `id = "${id}"\nversion = "1.2.0"\n${body}`;
  return readDefinition({ text, file: 'workflow.toml' }, context);
}

function define(id: string, body: string): WorkflowDefinition {
  const { definition, diagnostics } = read(id, body);
  if (definition === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return definition;
}

const NOTIFY = define(
  'acme/notify',
  `
[permissions]
network = ["hooks.example.com"]
[requirements]
tools = ["curl >= 7.0"]
[parameters.text]
type = "string"
[parameters.times]
type = "integer"
default = 1
[parameters.token]
type = "secret"
required = false
[steps.post]
run = 'curl -d "$PARAM_TEXT$PARAM_TIMES" https://hooks.example.com/'
env = { TOKEN = "\${{ params.token }}" }
[outputs]
count = "\${{ steps.post.outputs.exit_code }}"
name = "post"
`,
);

const workflows = (id: string): UsedWorkflow | undefined =>
  id === 'acme/notify' ? { definition: NOTIFY, digest: `sha256:${'0'.repeat(64)}` } : undefined;

const USES = `
[dependencies]
"acme/notify" = "^1"
[permissions]
network = ["hooks.example.com"]
`;

describe('workflows that are used', () => {
  it.each([
    ['lack what they need', '[steps.a]\nuses = "acme/notify"\n', 'input.missing'],
    [
      'are given what they do not take',
      '[steps.a]\nuses = "acme/notify"\nwith = { text = "", txt = 1 }\n',
      'input.unknown',
    ],
    ['are given a wrong value', '[steps.a]\nuses = "acme/notify"\nwith = { text = 5 }\n', 'input.type'],
    [
      'are given a wrong type',
      '[steps.b]\nrun = "true"\n[steps.a]\nuses = "acme/notify"\nwith = { text = "", times = "${{ steps.b.outputs.stdout }}" }\n',
      'input.type',
    ],
    [
      'are asked for what they do not give',
      '[steps.a]\nuses = "acme/notify"\nwith = { text = "" }\n[outputs]\nx = "${{ steps.a.outputs.nme }}"\n',
      'reference.unknown',
    ],
    [
      'give another type',
      '[steps.a]\nuses = "acme/notify"\nwith = { text = "" }\n[outputs]\nx = "${{ steps.a.outputs.count + \'x\' }}"\n',
      'expression.type',
    ],
  ])('are checked where they %s', (_where, body, code) => {
    const { diagnostics, definition } = read('acme/main', USES + body, { workflows });
    expect(definition).toBeUndefined();
    expect(diagnostics.map((each) => each.code)).toContain(code);
    // Without the other workflow nothing is known of it.
    expect(read('acme/main', USES + body).definition).toBeDefined();
  });

  it('may not bring in what the workflow does not ask for', () => {
    const body =
      '[dependencies]\n"acme/notify" = "^1"\n[steps.a]\nuses = "acme/notify"\nwith = { text = "" }\n';
    const { diagnostics } = read('acme/main', body, { workflows });
    expect(diagnostics).toMatchObject([
      {
        code: 'permission.workflow',
        message: expect.stringContaining('hooks.example.com') as string,
        line: 6,
      },
    ]);
  });

  it('take a secret where they say so', () => {
    const body = (input: string) =>
      `${USES}[parameters.key]\ntype = "secret"\ndefault = "KEY"\n[steps.a]\nuses = "acme/notify"\nwith = { text = "x", ${input} = "\${{ params.key }}" }\n`;
    expect(read('acme/main', body('token'), { workflows }).diagnostics).toEqual([]);
    expect(read('acme/main', body('times'), { workflows }).diagnostics.map(({ code }) => code)).toContain(
      'expression.secret',
    );
  });

  it('are planned once, with their digest and what they need', () => {
    const body = `${USES}[requirements]\ntools = ["git"]\n[steps.a]\nuses = "acme/notify"\nwith = { text = "a" }\n[steps.b]\nuses = "acme/notify"\nwith = { text = "b" }\n`;
    const plan = createPlan(define('acme/main', body), {}, { workflows });
    expect(plan.steps.map(({ work }) => work)).toMatchObject([
      { kind: 'workflow', workflow: 'acme/notify@1.2.0', with: { text: 'a' } },
      { kind: 'workflow', workflow: 'acme/notify@1.2.0', with: { text: 'b' } },
    ]);
    expect(Object.keys(plan.workflows)).toEqual(['acme/notify@1.2.0']);
    expect(plan.workflows['acme/notify@1.2.0']).toMatchObject({
      digest: `sha256:${'0'.repeat(64)}`,
      permissions: { network: ['hooks.example.com'] },
      steps: [{ id: 'post' }],
    });
    expect(plan.requirements.tools).toEqual([{ name: 'git' }, { name: 'curl', minimum: '7.0' }]);
  });

  it('are only named where they are not at hand, and refused where they were looked for in vain', () => {
    const definition = define('acme/main', `${USES}[steps.a]\nuses = "acme/notify"\n`);
    const plan = createPlan(definition, {});
    expect(plan.steps[0]?.work).toMatchObject({ workflow: 'acme/notify@^1' });
    expect(plan.workflows).toEqual({});
    expect(() => createPlan(definition, {}, { workflows: () => undefined })).toThrow(
      expect.objectContaining({ code: 'plan.workflow' }) as Error,
    );
  });

  it('are found by what uses them, each in the version that it has', () => {
    const used = (id: string) => `[dependencies]\n"${id}" = "^1"\n[steps.x]\nuses = "${id}"\n`;
    const leaf = (run: string) => define('acme/leaf', `[steps.x]\nrun = "${run}"\n`);
    const [one, other] = [leaf('one'), { ...leaf('other'), version: parseVersion('1.3.0') }];
    const main = define(
      'acme/main',
      `${used('acme/mid')}[steps.y]\nuses = "acme/leaf"\n`.replace('"^1"\n', '"^1"\n"acme/leaf" = "^1"\n'),
    );
    const mid = (leafOfMid: UsedWorkflow) => (id: string) =>
      id === 'acme/leaf'
        ? { definition: one, digest: 'a' }
        : { definition: define('acme/mid', used('acme/leaf')), workflows: () => leafOfMid };
    const plan = createPlan(main, {}, { workflows: mid({ definition: other }) });
    expect(Object.keys(plan.workflows).sort()).toEqual([
      'acme/leaf@1.2.0',
      'acme/leaf@1.3.0',
      'acme/mid@1.2.0',
    ]);
    // What a step runs must be told by its name alone.
    expect(() => createPlan(main, {}, { workflows: mid({ definition: one, digest: 'b' }) })).toThrow(
      expect.objectContaining({
        code: 'plan.workflow',
        message: 'two different workflows are called acme/leaf@1.2.0',
      }) as Error,
    );
  });

  it('that use each other are refused, and checked in finite time', () => {
    const body =
      '[dependencies]\n"acme/b" = "^1"\n[steps.x]\nuses = "acme/b"\n[outputs]\no = "${{ steps.x.outputs.o }}"\n';
    const a = define('acme/a', body);
    const b = define('acme/b', body.replaceAll('acme/b', 'acme/a'));
    const both = (id: string) => ({ definition: id === 'acme/a' ? a : b });
    expect(() => createPlan(a, {}, { workflows: both })).toThrow(
      expect.objectContaining({
        code: 'plan.workflow',
        message: 'workflows use each other without end: acme/a → acme/b → acme/a',
      }) as Error,
    );
    expect(read('acme/a', body, { workflows: both }).diagnostics).toEqual([]);
  });
});

describe('plans of steps in steps', () => {
  const definition = define(
    'acme/main',
    `
[actions.say]
inputs.text = { type = "string", default = "a \${{ b }}" }
run = 'echo "$INPUT_TEXT"'
env = { A = "1", B = "1" }
timeout = "1m"
retry = { attempts = 2 }
[actions.measure]
inputs.text-of = { type = "string" }
script = "return input"
[steps.later]
run = "true"
[steps.block]
parallel = true
[steps.block.steps.b]
run = "true"
env = { X = "\${{ steps.a.outputs.stdout }}", Y = "\${{ steps.later.status }}" }
[steps.block.steps.a]
uses = "say"
env = { B = "2" }
timeout = "2m"
[steps.measure]
uses = "measure"
with = { text-of = "x" }
[steps.echo]
uses = "core.json"
with = { text = "{}" }
[[catch]]
run = "true"
[[catch]]
run = "true"
`,
  );
  const plan = createPlan(definition, {});

  it('have every scope in its order, and what is read from outside as a need of the block', () => {
    expect(plan.steps.map(({ id }) => id)).toEqual(['later', 'block', 'measure', 'echo']);
    expect(plan.steps[1]).toMatchObject({
      needs: ['later'],
      work: {
        steps: [
          { id: 'a', needs: [] },
          { id: 'b', needs: ['a'] },
        ],
      },
    });
    expect(plan.catch.map(({ id, needs }) => [id, needs])).toEqual([
      ['catch-1', []],
      ['catch-2', ['catch-1']],
    ]);
  });

  it('have reusable steps put in: what the step says wins, and a default is no template', () => {
    const block = plan.steps[1]?.work;
    expect(block?.kind === 'block' ? block.steps[0] : undefined).toEqual({
      id: 'a',
      needs: [],
      inputs: { text: '${{ "a ${{ b }}" }}' },
      env: { A: '1', B: '2' },
      timeoutMs: 120_000,
      retry: { attempts: 2, backoff: 'constant', delayMs: 1000, jitter: false },
      onFailure: 'fail',
      work: { kind: 'shell', run: 'echo "$INPUT_TEXT"', shell: 'bash' },
    });
    expect(plan.steps[2]?.work).toEqual({
      kind: 'script',
      script: 'return input',
      with: { 'text-of': '${{ inputs["text-of"] }}' },
    });
  });

  it('have actions with their version and the defaults of their inputs', () => {
    expect(plan.steps[3]?.work).toMatchObject({
      kind: 'action',
      action: 'core.json',
      version: expect.stringMatching(/^\d/) as string,
      with: { text: '{}', merge: [], indent: 0 },
    });
  });

  it('are drawn with the same needs', () => {
    expect(readStepGraph(definition).steps[1]).toEqual({
      id: 'block',
      needs: ['later'],
      kind: 'block',
      mayFail: false,
      steps: [
        { id: 'a', needs: [], kind: 'action', mayFail: false, uses: 'say' },
        { id: 'b', needs: ['a'], kind: 'shell', mayFail: false },
      ],
    });
  });
});
