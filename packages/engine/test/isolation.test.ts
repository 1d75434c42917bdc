import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { openEngine, type RunDetails, type RunRequest, type RunResult } from '@sheaf/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSandboxing } from '../src/isolation/find-bwrap.js';
import { sandboxMemory } from '../src/isolation/sandbox-memory.js';
import { testPlan, testStep } from '../src/testing/plan.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();
const NO_MEMORY = { has: () => false, keep: () => undefined, forget: () => undefined };
const sandboxing = await findSandboxing(NO_MEMORY);
const canConfine = 'tools' in sandboxing;
if (!canConfine) {
  const said = `the tests of isolation need bubblewrap: ${sandboxing.why}`;
  if (process.env['CI'] === 'true') throw new Error(said);
  console.warn(`SKIPPED: ${said}`);
}

type Permissions = RunRequest['plan']['permissions'];
const NOTHING: Permissions = { network: [], exec: ['bash'], read: [], write: [], secrets: [] };

interface Machine {
  readonly cwd: string;
  readonly home: string;
}

function machine(): Machine {
  const made = { cwd: folder(), home: folder() };
  mkdirSync(join(made.home, '.ssh'));
  writeFileSync(join(made.home, '.ssh', 'id_ed25519'), 'the-private-key');
  return made;
}

/** Runs one step in the sandbox, and gives how it ended with what it wrote. */
async function runStep(
  script: string,
  permissions: Partial<Permissions> = {},
  place: Machine = machine(),
  rest: Partial<RunRequest> = {},
): Promise<{
  readonly result: RunResult;
  readonly log: string;
  readonly step: RunResult['steps'][string];
  readonly decisions: RunDetails['decisions'];
}> {
  const engine = await openEngine({
    stateDir: join(place.home, 'state'),
    graceMs: 300,
    environment: { PATH: process.env['PATH'], HOME: place.home },
  });
  try {
    const plan = testPlan([testStep('it', { run: script })]);
    const result = await engine.run({
      plan: { ...plan, permissions: { ...NOTHING, ...permissions } },
      cwd: place.cwd,
      source: { kind: 'local', path: place.cwd },
      profile: 'secure',
      ...rest,
    });
    const [log] = await engine.readLog(result.runId);
    const { it: step } = result.steps;
    if (step === undefined) throw new Error('no step');
    const { decisions } = engine.getRun(result.runId);
    return { result, step, decisions, log: Buffer.from(log?.bytes ?? []).toString() };
  } finally {
    engine.close();
  }
}

describe.runIf(canConfine)('a step under the secure profile', () => {
  it('runs, and hands on what it wrote to $SHEAF_OUTPUT, also by replacing the file', async () => {
    const { result } = await runStep(
      'echo "n=1" > "$SHEAF_OUTPUT.new"; mv "$SHEAF_OUTPUT.new" "$SHEAF_OUTPUT"; pwd; echo "$PATH" | wc -l',
    );
    expect(result.status).toBe('succeeded');
  });

  it('is remembered to have had a sandbox, unless it failed', async () => {
    if (!('tools' in sandboxing)) throw new Error('no sandbox');
    const place = machine();
    const memory = sandboxMemory(join(place.home, 'state', 'sandbox'));
    await runStep('true', {}, place);
    expect(memory.has(sandboxing.tools)).toBe(true);
    await runStep('false', {}, place);
    expect(memory.has(sandboxing.tools)).toBe(false);
  });

  it('has no descriptor of those that its sandbox was made by', async () => {
    const { log } = await runStep(
      'for fd in 0 1 2 3 4; do test -e "/proc/$$/fd/$fd" && echo "$fd"; done; true',
    );
    expect(log.trim().split('\n')).toEqual(['0', '1', '2']);
  });

  it('sees no keys of the user, whatever its home is', async () => {
    const { log, step } = await runStep('ls -A ~; cat ~/.ssh/id_ed25519');
    expect(step.status).toBe('failed');
    expect(log).not.toContain('the-private-key');
    expect(log).toContain('No such file');
  });

  it('sees no keys when its workspace is the home itself', async () => {
    const place = machine();
    const { log } = await runStep(
      'ls -A; cat .ssh/id_ed25519',
      { read: ['.'] },
      { ...place, cwd: place.home },
    );
    expect(log).toContain('.ssh');
    expect(log).not.toContain('the-private-key');
  });

  it('writes where it may, and nowhere else', async () => {
    const place = machine();
    writeFileSync(join(place.cwd, 'kept.txt'), 'kept');
    const { log, result } = await runStep(
      'echo new > dist/new.txt; cat kept.txt; for to in kept.txt ../out.txt /etc/out /usr/out; do echo bad > "$to" || echo "stopped: $to"; done',
      { read: ['.'], write: ['dist/**'] },
      place,
    );
    expect(result.status).toBe('succeeded');
    expect(readFileSync(join(place.cwd, 'dist/new.txt'), 'utf8')).toBe('new\n');
    expect(readFileSync(join(place.cwd, 'kept.txt'), 'utf8')).toBe('kept');
    expect(log.match(/stopped: (kept\.txt|\/etc\/out|\/usr\/out)/g)).toHaveLength(3);
    expect(existsSync(join(place.cwd, '../out.txt'))).toBe(false);
  });

  it('does not see a workspace that it may not read', async () => {
    const place = machine();
    writeFileSync(join(place.cwd, 'plans.txt'), 'plans');
    const { log } = await runStep('ls -A; cat plans.txt || true', {}, place);
    expect(log).not.toMatch(/^plans/m);
  });

  it('is not led out of the workspace by a link in it', async () => {
    const place = machine();
    symlinkSync(join(place.home, '.ssh'), join(place.cwd, 'dist'));
    const { log } = await runStep('cat dist/id_ed25519; echo x > dist/new', { write: ['dist/**'] }, place);
    expect(log).not.toContain('the-private-key');
    expect(readdirSync(join(place.home, '.ssh'))).toEqual(['id_ed25519']);
  });

  it('is shown nothing of a home for what its workflow calls a folder of programs', async () => {
    const place = machine();
    const path = `${join(place.home, '.ssh')}:/usr/bin:/bin`;
    const step = testStep('it', { run: 'cat ~/.ssh/id_ed25519', env: { PATH: path, HOME: place.home } });
    const { log } = await runStep('', {}, place, { plan: { ...testPlan([step]), permissions: NOTHING } });
    expect(log).toContain('No such file');
  });

  it('cannot plant a hook in the repository that it works in', async () => {
    const place = machine();
    mkdirSync(join(place.cwd, '.git/hooks'), { recursive: true });
    const { step } = await runStep(
      'echo x > a.txt; echo bad > .git/hooks/pre-commit',
      { write: ['.'] },
      place,
    );
    expect(step.status).toBe('failed');
    expect(existsSync(join(place.cwd, 'a.txt'))).toBe(true);
    expect(readdirSync(join(place.cwd, '.git/hooks'))).toEqual([]);
  });

  it('has no library of its own loaded by the programs outside', async () => {
    const place = machine();
    const plan = testPlan([testStep('it', { run: 'true', env: { LD_PRELOAD: '/none/evil.so' } })]);
    const { log } = await runStep('true', {}, place, {
      plan: { ...plan, permissions: NOTHING },
    });
    // Of the programs inside alone: env, sh and the shell.
    expect(log.match(/evil\.so/g)?.length ?? 0).toBeLessThanOrEqual(3);
  });

  describe('that opens a socket', () => {
    const server = createServer((socket) => socket.end('hello'));
    let port = 0;
    beforeAll(
      () =>
        new Promise<void>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            port = typeof address === 'object' ? (address?.port ?? 0) : 0;
            resolve();
          });
        }),
    );
    afterAll(() => {
      server.close();
    });

    it('is stopped unless its workflow asks for the network', async () => {
      const script = `cat < /dev/tcp/127.0.0.1/${port}`;
      expect((await runStep(script)).step).toMatchObject({ status: 'failed' });
      const { log, step } = await runStep(script, { network: ['127.0.0.1'] });
      expect(step.status).toBe('succeeded');
      expect(log).toBe('hello');
    });
  });

  it('ends when it forks without end, leaves no process, and that is journaled', async () => {
    // No bomb without an end: where the kernel does not count, it would take the processes of whoever tests beside.
    const script = 'for i in $(seq 300); do sleep 30 & done; wait; echo survived';
    const rules = { from: 'the policy', processes: 64 };
    const { log, result, decisions } = await runStep(script, {}, machine(), { rules });
    expect(result.status).toBe('failed');
    expect(log).not.toContain('survived');
    // The kernel stops the bomb of who is not root; then the engine has nothing to stop.
    if (process.getuid?.() !== 0) return;
    expect(result.steps['it']?.reason?.code).toBe('step.processes');
    expect(decisions).toContainEqual(
      expect.objectContaining({ subject: 'ceiling', result: 'refused', value: 'more than 64 processes' }),
    );
  }, 30_000);

  it('is journaled with what its sandbox lets through', async () => {
    const { decisions } = await runStep('true', { read: ['.'], write: ['dist/**'] });
    const made = decisions.map(({ subject, result, value, by, step }) => [subject, result, value, by, step]);
    expect(made).toEqual([
      ['profile', 'allowed', 'secure', 'flag', undefined],
      ['sandbox', 'allowed', 'bwrap', 'machine', undefined],
      ['sandbox', 'allowed', 'no network, reads ., writes dist/**, 2048 processes', 'workflow', 'it'],
    ]);
  });

  it('may end in its own way when it takes too long, and then is ended', async () => {
    const { log, step } = await runStep('trap "echo tidied; exit 3" TERM; sleep 20 & wait', {}, machine(), {
      plan: {
        ...testPlan([
          testStep('it', { run: 'trap "echo tidied; exit 3" TERM; sleep 20 & wait', timeoutMs: 700 }),
        ]),
        permissions: NOTHING,
      },
    });
    expect(step.reason?.code).toBe('step.timeout');
    expect(log).toBe('tidied\n');
  });

  it('sees no process of the machine', async () => {
    const { log } = await runStep('ls /proc | grep -c "^[0-9]"');
    expect(Number(log)).toBeLessThan(12);
  });
});
