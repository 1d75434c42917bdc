import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine, type RunRequest, type RunResult, type SecretSource } from '@sheaf/engine';
import type { PlanWork } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { testPlan, testStep } from '../src/testing/plan.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();
/** Secrets that are not at hand before they are asked for. */
const fromValues = (values: Readonly<Record<string, string>>): SecretSource => ({
  find: (name) => {
    const value = values[name];
    return Promise.resolve(value === undefined ? undefined : { value, source: 'here' });
  },
});

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
    source = fromValues(values),
    stateDir = folder(),
  }: {
    readonly values?: Readonly<Record<string, string>>;
    readonly source?: SecretSource;
    readonly stateDir?: string;
    readonly rest?: Parameters<typeof testPlan>[1];
  } = {},
  more: Partial<RunRequest> = {},
): Promise<Ran> {
  const cwd = folder();
  writeFileSync(join(cwd, 'template.txt'), 'hello');
  const engine = await openEngine({ stateDir, secrets: source });
  let shown = '';
  try {
    const result = await engine.run({
      plan: testPlan(steps, {
        parameters: { token: 'KEY' },
        parameterTypes: { token: 'secret' },
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

  it('is hidden also in the output of steps that were never given it, once a step was', async () => {
    const given = testStep('given', { env, run: 'touch given' });
    const during = testStep('during', {
      run: `echo begun; while [ ! -e given ]; do sleep 0.02; done; echo '${VALUE}'`,
    });
    const after = testStep('after', { needs: ['given', 'during'], run: `echo '${VALUE}'` });
    const { shown, kept } = await run([during, given, after], {}, { maxParallel: 2 });
    expect(shown).toBe('begun\n***\n***\n');
    expect(/sesame/.exec(kept.replaceAll(JSON.stringify(VALUE).slice(1, -1), ''))).toBeNull();
  });

  it('that is at hand is hidden from the beginning on', async () => {
    const { shown } = await run([testStep('it', { run: `echo '${VALUE}'` })], {
      source: { find: () => Promise.resolve(undefined), atHand: () => Promise.resolve([VALUE, 'abc']) },
    });
    expect(shown).toBe('***\n');
  });

  it('is asked for by the first step that needs it, once, for the workflow that is run', async () => {
    const asked: string[] = [];
    const source: SecretSource = {
      find: (name, { workflow }) => {
        asked.push(`${name} for ${workflow}`);
        return Promise.resolve({ value: VALUE, source: 'here' });
      },
    };
    const passed = testStep('passed', { env, when: '${{ false }}' });
    expect((await run([testStep('other'), passed], { source })).result.status).toBe('succeeded');
    expect(asked).toEqual([]);
    const { kept } = await run([testStep('one', { env }), testStep('two', { env })], { source });
    expect(asked).toEqual(['KEY for acme/test']);
    expect(kept).toContain('"type":"step.secret","step":"two","attempt":1,"name":"KEY","from":"here"');
  });

  it('is hidden in what its source says when it fails, which fails the step alone', async () => {
    const source: SecretSource = {
      find: () =>
        Promise.reject(
          Object.assign(new Error(`locked: ${VALUE}\nat secret`), { hint: [`unlock ${VALUE}`, 'second'] }),
        ),
      atHand: () => Promise.resolve([VALUE]),
    };
    const { result, kept } = await run([testStep('it', { env }), testStep('other')], { source });
    expect(result.steps).toMatchObject({
      other: { status: 'succeeded' },
      it: {
        reason: {
          code: 'secret.unreadable',
          message: 'the secret "KEY" cannot be read: locked: ***',
          hint: 'unlock ***',
        },
      },
    });
    expect(kept).not.toContain('sesame');
  });

  it.each(['fails', 'comes'])('that %s too late keeps no step from being cancelled', async (how) => {
    const control = new AbortController();
    const source: SecretSource = {
      find: (_name, { signal }) =>
        new Promise((resolve, reject) => {
          signal?.addEventListener('abort', () => {
            if (how === 'comes') resolve({ value: VALUE, source: 'here' });
            else reject(new Error('nobody waits'));
          });
          setTimeout(() => {
            control.abort();
          }, 20);
        }),
    };
    const step = testStep('it', { env, run: 'echo it ran' });
    const { result, shown } = await run([step], { source }, { signal: control.signal });
    expect(result).toMatchObject({ status: 'cancelled', steps: { it: { status: 'cancelled' } } });
    expect(shown).toBe('');
  });

  it('counts in the cache of steps by when it was set, or by its value, which is not kept', async () => {
    const step = testStep('it', { env, cache: { files: [], env: [] }, run: 'echo done' });
    const stateDir = folder();
    const why = async (value: string, version?: string): Promise<string | undefined> => {
      const found = { value, source: 'here', ...(version === undefined ? {} : { version }) };
      const { kept } = await run([step], { source: { find: () => Promise.resolve(found) }, stateDir });
      return /"why":"([^"]*)"/.exec(kept)?.[1];
    };
    expect(await why('value one', 'v1')).toBe('it was never done before');
    expect(await why('value one', 'v1')).toContain('as in run');
    expect(await why('value one', 'v2')).toBe('secret KEY changed');
    expect(await why('value one')).toBe('secret KEY changed');
    expect(await why('value one')).toContain('as in run');
    expect(await why('value two')).toBe('secret KEY changed');
    expect(statSync(join(stateDir, 'machine.key')).mode & 0o777).toBe(0o600);
    const plain = createHash('sha256').update('KEY\0value one').digest('hex');
    expect(readFileSync(join(stateDir, 'runs.sqlite'), 'latin1')).not.toContain(plain);
  });

  it('of an earlier process is hidden when a run is gone on with', async () => {
    const stateDir = folder();
    const cwd = folder();
    const control = new AbortController();
    const engine = await openEngine({ stateDir, secrets: fromValues({ KEY: VALUE }) });
    const request: RunRequest = {
      plan: testPlan(
        [
          testStep('keep', { env, run: 'echo "$T" > kept.txt' }),
          testStep('show', { needs: ['keep'], run: 'test -e again || exec sleep 60; cat kept.txt' }),
        ],
        {
          parameters: { token: 'KEY' },
          parameterTypes: { token: 'secret' },
          permissions: { network: [], exec: [], read: ['.'], write: [], secrets: ['KEY'] },
        },
      ),
      cwd,
      source: { kind: 'local', path: cwd },
      signal: control.signal,
      onEvent: (event) => {
        if (event.type === 'step.spawned' && event.step === 'show') control.abort();
      },
    };
    const { runId } = await engine.run(request);
    engine.close();
    writeFileSync(join(cwd, 'again'), '');
    const next = await openEngine({ stateDir, secrets: fromValues({ KEY: VALUE }) });
    try {
      expect((await next.resume(runId)).status).toBe('succeeded');
      const [log] = await next.readLog(runId, 'show');
      expect(Buffer.from(log?.bytes ?? []).toString()).toBe('Bearer ***\n');
    } finally {
      next.close();
    }
  });

  it('is hidden in what an action says, also when it fails', async () => {
    const work: PlanWork = {
      kind: 'action',
      action: 'core.file',
      version: '1.0.0',
      with: { operation: 'read', path: VALUE },
    };
    const { result, kept } = await run([testStep('it', { work, env })]);
    expect(result.steps['it']).toMatchObject({ status: 'failed', reason: { code: 'file.missing' } });
    expect(kept.replaceAll(JSON.stringify(work.with), '')).not.toContain('sesame');
  });

  it('is missed by the step that needs it, and by no other', async () => {
    const steps = [testStep('other'), testStep('it', { env })];
    const { result } = await run(steps, { values: {} });
    expect(result.steps).toMatchObject({
      other: { status: 'succeeded' },
      it: {
        status: 'failed',
        reason: { code: 'secret.missing', hint: 'store it: sheaf secret set KEY' },
      },
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

  it('of a length that no output can be searched for is given to no step', async () => {
    const { result } = await run([testStep('it', { env })], { values: { KEY: 'abc' } });
    expect(result.steps['it']).toMatchObject({ attempts: 1, reason: { code: 'secret.invalid' } });
  });

  it('cannot make a condition, a list or a script', async () => {
    const { result } = await run([
      testStep('it', { work: { kind: 'script', script: 'return {}', with: { t: '${{ params.token }}' } } }),
    ]);
    expect(result.steps['it']).toMatchObject({ reason: { code: 'expression.failed' } });
  });
});
