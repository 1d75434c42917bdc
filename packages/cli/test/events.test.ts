import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { buildCli, createMachine, type Machine } from './harness.js';

beforeAll(() => {
  buildCli();
});

const APPROVAL = `id = "acme/approval"
version = "1.0.0"
[steps.approve]
await_event = { source = "http", match = "\${{ event.approved == true }}", timeout = "1h" }
[outputs]
by = "\${{ steps.approve.outputs.event.by }}"
`;

/** Starts it, and waits until it waits. */
async function startWaiting(machine: Machine) {
  const child = machine.start(['run', './approval']);
  const done = once(child, 'exit');
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const waits = new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      if (stderr.includes('waits')) resolve();
    });
  });
  await Promise.race([waits, done]);
  const { runs } = JSON.parse(machine.run(['status', '--json']).stdout) as { runs: { runId: string }[] };
  return { child, done, runId: runs[0]?.runId ?? stderr, stdout: () => stdout };
}

function createWaitingMachine(): Machine {
  const machine = createMachine();
  mkdirSync(join(machine.dir, 'approval'));
  writeFileSync(join(machine.dir, 'approval', 'workflow.toml'), APPROVAL);
  return machine;
}

const send = (machine: Machine, runId: string, data: unknown) =>
  machine.run(['event', 'send', runId, 'http', '--data', JSON.stringify(data), '--json']);

it('an event of another terminal ends the wait that it matches, and no other does', async () => {
  const machine = createWaitingMachine();
  const { child, done, runId, stdout } = await startWaiting(machine);
  try {
    expect(send(machine, runId, { approved: false, by: 'Bo' }).status).toBe(0);
    expect(JSON.parse(send(machine, runId, { approved: true, by: 'Cy' }).stdout)).toMatchObject({
      runId,
      source: 'http',
      data: { approved: true, by: 'Cy' },
      status: 'running',
    });
    expect([await done, stdout()]).toEqual([[0, null], 'Cy\n']);
  } finally {
    child.kill('SIGKILL');
  }
});

it('an event that comes while the engine is dead is there when the run goes on', async () => {
  const machine = createWaitingMachine();
  const { child, done, runId } = await startWaiting(machine);
  child.kill('SIGKILL');
  await done;
  expect(JSON.parse(send(machine, runId, { approved: true, by: 'Di' }).stdout)).toMatchObject({
    status: 'interrupted',
  });
  expect(machine.run(['resume', runId])).toMatchObject({ status: 0, stdout: 'Di\n' });
});
