import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEngine, type JournalEvent, type RunEvent } from '@sheaf/engine';
import { describe, expect, it } from 'vitest';
import { procTable } from '../src/processes/proc-table.js';
import { psTable } from '../src/processes/ps-table.js';
import { APPROVALS, everyConstruct } from '../src/testing/every-construct.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();
const CHILD = fileURLToPath(new URL('run-child.ts', import.meta.url));
const table = process.platform === 'linux' ? procTable() : psTable();

/** Each attempt leaves a file when it begins and one when it is done, and lives long enough to be left behind. */
const PLAN = everyConstruct(({ text, failsBefore = 0, hangs }) => {
  const mark = (what: string) => `: > "$SHEAF_STEP.$SHEAF_ATTEMPT.${what}"`;
  if (hangs === true) return `${mark('begun')}; sleep 61`;
  const fail = `if [ "$SHEAF_ATTEMPT" -lt ${failsBefore} ]; then exit 3; fi`;
  return `${mark('begun')}; sleep 0.02; echo "${text}"; ${fail}; ${mark('done')}`;
});

interface Place {
  readonly stateDir: string;
  readonly cwd: string;
  readonly plan: string;
}

function makePlace(): Place {
  const root = folder();
  const place = { stateDir: join(root, 'state'), cwd: join(root, 'work'), plan: join(root, 'plan.json') };
  mkdirSync(place.cwd);
  writeFileSync(place.plan, JSON.stringify(PLAN));
  return place;
}

/** What the journal says of each step in the end. Of attempts nothing: one that was left behind counts as one. */
function endsOf(events: readonly JournalEvent[]): Readonly<Record<string, unknown>> {
  const ends: Record<string, unknown> = {};
  for (const event of events) {
    if (event.type === 'step.finished') ends[event.step] = [event.status, event.outputs, event.reason?.code];
    if (event.type === 'step.skipped') ends[event.step] = ['skipped', event.reason.code];
    if (event.type === 'run.finished') ends['the run'] = [event.status, event.outputs, event.reason?.message];
  }
  return ends;
}

/** Runs until `killAfter` events are journaled and then dies; gives the id of the run. */
async function runAndDie({ stateDir, cwd, plan }: Place, killAfter: number): Promise<string> {
  const args = [
    '--import',
    'tsx',
    '--conditions=@sheaf/source',
    CHILD,
    stateDir,
    cwd,
    plan,
    String(killAfter),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await new Promise((resolve) => child.once('close', resolve));
  return readFileSync(join(cwd, 'run-id'), 'utf8');
}

async function goOn({ stateDir }: Place, runId: string, isUnsent: boolean): Promise<readonly RunEvent[]> {
  const engine = await openEngine({ stateDir, graceMs: 300 });
  try {
    if (isUnsent) for (const data of APPROVALS) engine.sendEvent(runId, 'http', data);
    await engine.resume(runId, { maxParallel: 3 });
    return engine.readEvents(runId);
  } finally {
    engine.close();
  }
}

async function runWhole({ stateDir, cwd }: Place): Promise<readonly RunEvent[]> {
  const engine = await openEngine({ stateDir, graceMs: 300 });
  try {
    const { runId } = await engine.run({
      plan: PLAN,
      cwd,
      source: { kind: 'local', path: cwd },
      maxParallel: 3,
      onEvent: (event) => {
        if (event.type === 'run.started')
          for (const data of APPROVALS) engine.sendEvent(event.runId, 'http', data);
      },
    });
    return engine.readEvents(runId);
  } finally {
    engine.close();
  }
}

/** All of them take minutes: each time a few others are tried. */
const EVERY = process.env['SHEAF_KILL_EVERY'] === '1';

describe('an engine that is killed without warning', () => {
  it('leaves a run that ends as it would have, runs no finished step again, and leaves no process', async () => {
    const whole = await runWhole(makePlace());
    const wanted = endsOf(whole);
    expect(wanted['the run']).toEqual(['failed', {}, 'step fails failed']);
    const step = EVERY ? 1 : Math.ceil(whole.length / 3);
    const first = EVERY ? 1 : 1 + (Date.now() % step);
    for (let killAfter = first; killAfter < whole.length; killAfter += step) {
      const place = makePlace();
      const runId = await runAndDie(place, killAfter);
      const before = await openEngine({ stateDir: place.stateDir });
      const finished = before
        .readEvents(runId)
        .flatMap((event) => (event.type === 'step.finished' ? event.step : []));
      before.close();
      const begun = readdirSync(place.cwd).filter((name) => name.endsWith('.begun'));
      const events = await goOn(place, runId, killAfter === 1);
      expect([killAfter, endsOf(events)]).toEqual([killAfter, wanted]);
      const begunLater = readdirSync(place.cwd).filter(
        (name) => name.endsWith('.begun') && !begun.includes(name),
      );
      for (const name of begunLater) {
        expect(finished).not.toContain(name.replace(/\.\d+\.begun$/, ''));
      }
      const steps = new Set(events.flatMap((event) => ('step' in event ? event.step : [])));
      expect([...steps].flatMap((path) => table.markedProcesses(runId, path))).toEqual([]);
    }
  });
});
