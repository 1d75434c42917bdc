import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine, type RunDetails } from '@sheaf/engine';
import {
  parseVersion,
  parseWorkflowId,
  type Parameter,
  type Permissions,
  type SubPlan,
} from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { findHandedOn } from '../src/runtime/find-handed-on.js';
import { testPlan, testStep } from '../src/testing/plan.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();
const NOTHING: Permissions = { network: [], exec: [], read: [], write: [], secrets: [] };
const WRITE = 'acme/write@1.0.0';

const parameter = (type: 'path' | 'secret'): Parameter =>
  type === 'path' ? { type, access: 'write', required: true } : { type, required: true };

/** Writes to a path that it is given, by an action that is checked. */
const writer = (type: 'path' | 'secret', step: Parameters<typeof testStep>[1]): SubPlan => ({
  workflow: { id: parseWorkflowId('acme/write'), version: parseVersion('1.0.0') },
  parameters: { given: parameter(type) },
  permissions: NOTHING,
  steps: [testStep('it', step)],
  outputs: {},
  artifacts: {},
  catch: [],
});

const TO_FILE = writer('path', {
  work: {
    kind: 'action',
    action: 'core.file',
    version: '1.0.0',
    with: { operation: 'write', path: '${{ params.given }}', content: 'new' },
  },
});

interface Called {
  readonly cwd: string;
  readonly run: RunDetails;
}

async function call(
  inner: SubPlan,
  given: string,
  permissions: Partial<Permissions>,
  cwd = folder(),
): Promise<Called> {
  const engine = await openEngine({
    stateDir: folder(),
    secrets: { find: (name) => Promise.resolve({ value: `value-of-${name}`, source: 'test' }) },
  });
  try {
    const step = testStep('call', { work: { kind: 'workflow', workflow: WRITE, with: { given } } });
    const plan = testPlan([step], {
      permissions: { ...NOTHING, ...permissions },
      workflows: { [WRITE]: inner },
    });
    const { runId } = await engine.run({ plan, cwd, source: { kind: 'local', path: cwd } });
    return { cwd, run: engine.getRun(runId) };
  } finally {
    engine.close();
  }
}

describe('a path that is given to a workflow', () => {
  it('may be written there when its caller may write it', async () => {
    const { cwd, run } = await call(TO_FILE, 'dist/a.txt', { write: ['dist/**'] });
    expect(run.status).toBe('succeeded');
    expect(readFileSync(join(cwd, 'dist/a.txt'), 'utf8')).toBe('new');
  });

  it('may not when its caller may only read it, and that is journaled', async () => {
    const { run } = await call(TO_FILE, 'dist/a.txt', { read: ['.'] });
    expect(run.steps['call.it']?.reason?.code).toBe('policy.denied');
    expect(run.decisions).toContainEqual(
      expect.objectContaining({
        step: 'call.it',
        subject: 'write',
        result: 'limited',
        value: 'dist/a.txt',
        by: 'workflow',
      }),
    );
  });

  it('is where it leads, whatever links there are', () => {
    const cwd = folder();
    const other = folder();
    mkdirSync(join(cwd, 'dist'));
    symlinkSync(other, join(cwd, 'dist', 'out'));
    expect(findHandedOn(cwd, ['dist/**'], 'dist/new/a.txt')).toBe(join(cwd, 'dist/new/a.txt'));
    expect(findHandedOn(cwd, ['dist/**'], 'dist/out/a.txt')).toBeUndefined();
    expect(findHandedOn(cwd, ['dist/**', other], 'dist/out/a.txt')).toBe(join(other, 'a.txt'));
    expect(findHandedOn(cwd, ['.'], '../a.txt')).toBeUndefined();
    expect(findHandedOn(cwd, ['*.md'], 'a.md')).toBe(join(cwd, 'a.md'));
    expect(findHandedOn(cwd, ['*.md'], 'b/a.md')).toBeUndefined();
    expect(findHandedOn(cwd, ['.'], 'dist/*')).toBeUndefined();
  });
});

describe('a secret that is given to a workflow', () => {
  const show = writer('secret', { run: 'test "$T" = value-of-A', env: { T: '${{ params.given }}' } });

  it('may be used there when its caller may use it', async () => {
    const { run } = await call(show, 'A', { secrets: ['A'] });
    expect(run.status).toBe('succeeded');
  });

  it('may not when its caller has only heard of it', async () => {
    const { run } = await call(show, 'B', { secrets: ['A'] });
    expect(run.steps['call.it']?.reason?.code).toBe('policy.denied');
    expect(run.decisions).toContainEqual(
      expect.objectContaining({ subject: 'secret', result: 'limited', value: 'B' }),
    );
  });
});
