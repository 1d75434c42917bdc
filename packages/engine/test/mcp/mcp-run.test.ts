import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { openEngine, type RunRequest, type RunResult } from '@sheaf/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonValue } from '@sheaf/workflow';
import { findSandboxing } from '../../src/isolation/find-bwrap.js';
import { testPlan, testStep } from '../../src/testing/plan.js';
import { tempFolders } from '../folders.js';
import { startHttpToy, type HttpToy } from './http-toy.js';

const folder = tempFolders();
const canConfine =
  'tools' in (await findSandboxing({ has: () => false, keep: () => undefined, forget: () => undefined }));
const TOY = join(import.meta.dirname, 'stdio-toy.mjs');
/** The server and what it is made of lie in the workspace, where a sandbox sees them. */
const CWD = join(import.meta.dirname, '../../../..');

const steps = (inputs: Readonly<Record<string, JsonValue>>) => {
  const call = (id: string, needs: readonly string[], tool: string) =>
    testStep(id, {
      needs,
      work: { kind: 'action', action: 'mcp', version: '1.0.0', with: { ...inputs, tool } },
    });
  return [call('one', [], 'environment'), call('two', ['one'], 'environment')];
};

async function run(
  inputs: Readonly<Record<string, JsonValue>>,
  permissions: Partial<RunRequest['plan']['permissions']>,
  profile: RunRequest['profile'],
): Promise<RunResult & { readonly log: string }> {
  const engine = await openEngine({ stateDir: folder(), graceMs: 300 });
  try {
    const plan = testPlan(steps({ ...inputs, arguments: { name: 'SHEAF_STEP' } }), {
      outputs: Object.fromEntries(
        ['one', 'two'].map((step) => [step, `\${{ steps.${step}.outputs.structured.id }}`]),
      ),
    });
    const none = { network: [], exec: [], read: ['.'], write: [], secrets: [] };
    const result = await engine.run({
      plan: { ...plan, permissions: { ...none, ...permissions } },
      cwd: CWD,
      source: { kind: 'local', path: CWD },
      ...(profile === undefined ? {} : { profile }),
    });
    const logs = await engine.readLog(result.runId);
    return { ...result, log: logs.map(({ bytes }) => Buffer.from(bytes).toString()).join('') };
  } finally {
    engine.close();
  }
}

describe('steps of a run that call a server', () => {
  it.each([['permissive'], ...(canConfine ? [['secure'] as const] : [])] as const)(
    'share one process under the profile %s, which ends with the run',
    async (profile) => {
      const command = [process.execPath, TOY];
      const result = await run({ command }, { exec: [process.execPath] }, profile);
      expect(result.status).toBe('succeeded');
      expect(result.outputs['one']).toMatch(/^[0-9a-f-]{36}$/);
      expect(result.outputs['two']).toBe(result.outputs['one']);
      expect(result.log).toContain('asked for SHEAF_STEP');
      const marked = await findMarked(result.runId);
      expect(marked).toEqual([]);
    },
  );

  it('start none that the workflow does not ask for', async () => {
    const { status, steps } = await run(
      { command: [process.execPath, TOY] },
      { exec: ['node'] },
      'permissive',
    );
    expect(status).toBe('failed');
    expect(steps['one']?.reason?.code).toBe('policy.denied');
  });
});

describe('a run that calls a server on the network', () => {
  let toy: HttpToy;
  beforeAll(async () => {
    toy = await startHttpToy();
  });
  afterAll(() => toy.close());

  it('needs no sandbox, and ends its session', async () => {
    const { steps } = await run({ url: toy.url }, { network: ['127.0.0.1'] }, 'secure');
    expect(steps['one']?.reason?.code).toBe('mcp.unknown_tool');
    expect(toy.requests.filter((each) => each.startsWith('DELETE'))).toHaveLength(1);
  });
});

it.runIf(process.platform === 'linux')(
  'what an engine that died kept open is ended when the run is gone on with',
  async () => {
    const engine = await openEngine({ stateDir: folder(), graceMs: 300 });
    try {
      const { runId, status } = await engine.run({
        plan: testPlan([testStep('wait', { work: { kind: 'wait', seconds: 0.2 } })]),
        cwd: CWD,
        source: { kind: 'local', path: CWD },
        signal: AbortSignal.timeout(50),
      });
      expect(status).toBe('cancelled');
      const left = spawn('sleep', ['60'], {
        env: { PATH: process.env['PATH'], SHEAF_RUN_ID: runId, SHEAF_STEP: '.kept' },
        detached: true,
        stdio: 'ignore',
      });
      const ended = new Promise((resolve) =>
        left.once('exit', (_, signal) => {
          resolve(signal);
        }),
      );
      expect((await engine.resume(runId)).status).toBe('succeeded');
      expect(await ended).toBe('SIGTERM');
    } finally {
      engine.close();
    }
  },
);

/** Processes that carry the mark of a run. */
async function findMarked(runId: string): Promise<readonly number[]> {
  if (process.platform !== 'linux') return [];
  const { procTable } = await import('../../src/processes/proc-table.js');
  return procTable().markedProcesses(runId, '.kept');
}
