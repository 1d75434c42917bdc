import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine, type RunRequest, type RunResult } from '@sheaf/engine';
import type { PlanWork } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { testPlan, testStep } from '../src/testing/plan.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();
const VALUE = 'sesame/open+1 "x"';

interface Ran {
  readonly result: RunResult;
  /** All that is kept of the run: files and events. */
  readonly kept: string;
  readonly shown: string;
}

/** Runs steps with the parameter `token`, which names the secret KEY. */
async function run(
  steps: Parameters<typeof testPlan>[0],
  {
    values = { KEY: VALUE },
    rest = {},
  }: {
    readonly values?: Readonly<Record<string, string>>;
    readonly rest?: Parameters<typeof testPlan>[1];
  } = {},
  more: Partial<RunRequest> = {},
): Promise<Ran> {
  const stateDir = folder();
  const cwd = folder();
  writeFileSync(join(cwd, 'template.txt'), 'hello');
  const engine = await openEngine({ stateDir, findSecret: (name) => Promise.resolve(values[name]) });
  let shown = '';
  try {
    const result = await engine.run({
      plan: testPlan(steps, {
        parameters: { token: 'KEY' },
        secretParameters: ['token'],
        permissions: { network: [], exec: [], read: ['.'], write: [], secrets: ['KEY'] },
        ...rest,
      }),
      cwd,
      source: { kind: 'local', path: cwd },
      onOutput: (_step, _stream, chunk) => {
        shown += Buffer.from(chunk).toString();
      },
      ...more,
    });
    const events = engine.readEvents(result.runId).map((event) => JSON.stringify(event));
    const dir = engine.logDir(result.runId);
    const files = readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8'));
    return { result, shown, kept: [...events, ...files, JSON.stringify(result)].join('\n') };
  } finally {
    engine.close();
  }
}

const env = { T: 'Bearer ${{ params.token }}' };

describe('a secret', () => {
  it('is given to a step, and hidden in all that it writes, in pieces and encoded', async () => {
    const script = [
      'test "$T" = "Bearer $WANTED" || exit 9',
      'printf %s "${WANTED:0:6}"; sleep 0.05; printf %s "${WANTED:6:5}"; sleep 0.05; echo "${WANTED:11}"',
      'printf %s "$WANTED" | base64 >&2',
      'echo "token=$T" > "$SHEAF_OUTPUT"',
      'test -z "$PARAM_TOKEN"',
    ].join('\n');
    const step = testStep('it', { env: { ...env, WANTED: '${{ params.token }}' }, run: script });
    const { result, kept, shown } = await run([step], {
      rest: { outputs: { text: '${{ steps.it.outputs.token }}' } },
    });
    expect(result).toMatchObject({ status: 'succeeded', outputs: { text: 'Bearer ***' } });
    expect(shown).toBe('***\n***\n');
    for (const form of [VALUE, 'sesame', Buffer.from(VALUE).toString('base64'), JSON.stringify(VALUE)])
      expect(kept).not.toContain(form);
    expect(kept).toContain('"redactions":2');
  });

  it('is hidden also in the output of a step that was never given it', async () => {
    const { shown } = await run([testStep('it', { run: `echo '${VALUE}'` })]);
    expect(shown).toBe('***\n');
  });

  it('is hidden in what an action says, also when it fails', async () => {
    const work: PlanWork = {
      kind: 'action',
      action: 'core.file',
      version: '1.0.0',
      with: { operation: 'read', path: VALUE },
    };
    const { result, kept } = await run([testStep('it', { work })]);
    expect(result.steps['it']).toMatchObject({ status: 'failed' });
    expect(kept.replaceAll(JSON.stringify(work.with), '')).not.toContain('sesame');
  });

  it('is missed by the step that needs it, and by no other', async () => {
    const steps = [testStep('other'), testStep('it', { env })];
    const { result } = await run(steps, { values: {} });
    expect(result.steps).toMatchObject({
      other: { status: 'succeeded' },
      it: { status: 'failed', reason: { code: 'secret.missing' } },
    });
  });

  it('goes into no input of an action that is not made for one', async () => {
    const work: PlanWork = {
      kind: 'action',
      action: 'core.echo',
      version: '1.0.0',
      with: { text: '${{ params.token }}' },
    };
    const { result } = await run([testStep('it', { work })]);
    expect(result.steps['it']).toMatchObject({ reason: { code: 'policy.denied' } });
  });

  it('goes to an action by its name where that asks for it, in no other way', async () => {
    const work: PlanWork = {
      kind: 'action',
      action: 'http.request',
      version: '1.0.0',
      with: {
        url: 'http://127.0.0.1:1/',
        bearer: '${{ params.token }}',
        headers: { A: 'b ${{ params.token }}' },
      },
    };
    const { result, kept } = await run([testStep('it', { work })]);
    // The host is none that the run may reach: by then both inputs were taken.
    expect(result.steps['it']?.reason?.code).toBe('policy.denied');
    expect(result.steps['it']?.reason?.message).toContain('127.0.0.1');
    expect(kept).not.toContain('sesame');
  });

  it('of a length that no output can be searched for is refused before anything runs', async () => {
    await expect(run([testStep('it')], { values: { KEY: 'abc' } })).rejects.toMatchObject({
      code: 'secret.invalid',
    });
  });

  it('cannot make a condition, a list or a script', async () => {
    const { result } = await run([
      testStep('it', { work: { kind: 'script', script: 'return {}', with: { t: '${{ params.token }}' } } }),
    ]);
    expect(result.steps['it']).toMatchObject({ reason: { code: 'expression.failed' } });
  });
});
