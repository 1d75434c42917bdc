import { quote, type JsonValue } from '@sheaf/workflow';
import { EngineError } from '../errors.js';
import { LIMITS } from '../limits.js';
import { notFound } from './query.js';
import type { Runtime } from './runtime.js';

const SOURCE = /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,127}$/;

/** Puts an event into the inbox of a run. Throws EngineError `run.not_found`, `run.ended`, `event.invalid`. */
export function sendEvent(
  { store }: Pick<Runtime, 'store'>,
  runId: string,
  { source, data }: { readonly source: string; readonly data: JsonValue },
): void {
  const row = store.findRun(runId);
  if (row === undefined) throw notFound(runId);
  if (row.status === 'succeeded' || row.status === 'failed') {
    throw new EngineError('run.ended', `run ${runId} has ended, so no step of it waits for an event`, {
      hint: `see how it ended: sheaf status ${runId}`,
    });
  }
  if (!SOURCE.test(source)) {
    throw new EngineError('event.invalid', `${quote(source, 80)} is no source of events`, {
      hint: 'name it as the step that waits does: await_event = { source = "…" }',
    });
  }
  const size = Buffer.byteLength(JSON.stringify(data));
  if (size > LIMITS.eventBytes) {
    throw new EngineError(
      'event.invalid',
      `the event has ${size} bytes, and at most ${LIMITS.eventBytes} are taken`,
      { hint: 'put large data into a file and send where it is' },
    );
  }
  if (store.putEvent(runId, { source, data })) return;
  throw new EngineError(
    'event.invalid',
    `run ${runId} has ${LIMITS.inbox} events that it has not looked at`,
    {
      hint: `go on with it first: sheaf resume ${runId}`,
    },
  );
}
