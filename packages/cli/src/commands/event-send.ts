import type { RunSummary } from '@sheaf/engine';
import type { JsonValue } from '@sheaf/workflow';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { EventSendJson } from '../json/event-send.js';
import { withRecords } from '../run/records.js';
import { getRunId } from '../run/run-id.js';

interface Sent {
  readonly runId: string;
  readonly source: string;
  readonly data: JsonValue;
  /** How the run stands. */
  readonly status: RunSummary['status'];
}

export const send = defineCommand<Sent, EventSendJson>({
  name: 'event send',
  about:
    'Send an event to a run, also one of another terminal: the steps that wait for one from SOURCE look at it, or those that will.',
  positionals: { names: ['RUN', 'SOURCE'], required: 2, completes: ['run', []] },
  flags: [{ name: 'data', value: 'JSON', summary: 'what the event says (default: null)' }],
  examples: [
    `sheaf event send 7f3k http --data '{"approved": true}'`,
    `sheaf event send 7f3k http --data '{"approved": true}' --json`,
  ],
  exitCodes: [0, 1, 2, 4],
  run: (context, input) =>
    withRecords(context, (engine) => {
      const [word = '', source = ''] = input.positionals;
      const runId = getRunId(engine, word);
      const data = readData(input.get('data'));
      engine.sendEvent(runId, source, data);
      return Promise.resolve({ data: { runId, source, data, status: engine.getSummary(runId).status } });
    }),
  render: ({ runId, source, status }) => ({
    answer: `event from ${source} sent to run ${runId}`,
    ...(status === 'running'
      ? {}
      : { epilogue: `the run is ${status}; it gets it when it goes on: sheaf resume ${runId}` }),
  }),
});

function readData(text: string | undefined): JsonValue {
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new CliError('usage.data', '--data is no JSON', {
      hint: `put it in single quotes: --data '{"approved": true}'`,
      cause,
    });
  }
}
