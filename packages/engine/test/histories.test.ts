import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Command } from '../src/core/command.js';
import { nextCommands } from '../src/core/decide.js';
import type { JournalEvent, RunEvent } from '../src/core/events.js';
import { checkPlan } from '../src/core/plan-check.js';
import { isContainer } from '../src/core/scope.js';
import { applyEvent, createState } from '../src/core/state.js';
import type { RunState } from '../src/core/run-state.js';
import { freezePlan } from '../src/runtime/journaled.js';

const FOLDER = fileURLToPath(new URL('../histories', import.meta.url));

/** What says when something happens, which the driver knows and the core does not. */
const OF_THE_DRIVER = new Set(['runId', 'seq', 'at', 'durationMs', 'until', 'delayMs', 'timeoutMs']);

/** What an event says, the same whatever the order of its members. */
function essence(event: object): string {
  const told = Object.entries(event).filter(([key]) => !OF_THE_DRIVER.has(key));
  return JSON.stringify(Object.fromEntries(told), (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))
      : part,
  );
}

/** The event that a driver makes of a command. */
function eventOf(command: Command): object | undefined {
  switch (command.type) {
    case 'record':
      return command.event;
    case 'start':
      return { type: 'step.started', step: command.step, attempt: command.attempt };
    case 'open':
      return { ...command, type: 'step.opened' };
    case 'sleep': {
      const { source, ...rest } = command;
      return { ...rest, type: 'step.waiting', ...(source === undefined ? {} : { eventSource: source }) };
    }
    case 'stop':
    case 'keep':
      return undefined;
  }
}

/** Whether the core decides an event, and not the world. */
function isDecided(state: RunState, event: JournalEvent): boolean {
  switch (event.type) {
    case 'run.catching':
    case 'run.finished':
    case 'step.opened':
    case 'step.started':
    case 'step.waiting':
    case 'step.passed':
    case 'step.catching':
    case 'step.skipped':
      return true;
    case 'step.finished':
    case 'step.retrying': {
      const entry = state.steps.get(event.step);
      const kind = entry?.step.work.kind;
      return entry !== undefined && (isContainer(entry) || kind === 'wait' || kind === 'await_event');
    }
    default:
      return false;
  }
}

describe('the journal of an earlier version', () => {
  it.each(readdirSync(FOLDER).filter((name) => name.endsWith('.ndjson')))(
    'is folded and decided as it was: %s',
    (name) => {
      const lines = readFileSync(join(FOLDER, name), 'utf8').trimEnd().split('\n');
      const events = lines.map((line) => JSON.parse(line) as RunEvent);
      const [started] = events;
      if (started?.type !== 'run.started') throw new Error('it does not begin with its start');
      expect(freezePlan(started.plan).digest).toBe(started.planDigest);
      checkPlan(started.plan);
      const state = createState(started.plan, started.runId);
      for (const event of events) {
        const wanted = essence(event);
        if (isDecided(state, event)) {
          // Which of the steps that may start do, where there is not room for all, was decided a few events before.
          const roomy = { ...state, maxParallel: Number.POSITIVE_INFINITY };
          const decided = nextCommands(roomy).flatMap((command) => eventOf(command) ?? []);
          expect(decided.map(essence)).toContain(wanted);
        }
        applyEvent(state, event);
      }
      expect(state.phase).toBe('finished');
    },
  );
});
