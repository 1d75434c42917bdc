import { buildParameter } from './build-parameter.js';
import { findDurationMs } from './duration.js';
import { toEnvironmentString } from './environment.js';
import { findSizeBytes } from './size.js';
import {
  OUTPUT_TYPES,
  type ActionTemplate,
  type Foreach,
  type JsonValue,
  type OutputType,
  type Retry,
  type Shell,
  type Step,
  type Work,
} from './model.js';
import {
  mapTable,
  optional,
  readList,
  readNumber,
  readTable,
  readText,
  readTexts,
  type Table,
} from './tables.js';

/** What a retry waits where it does not say. */
const DEFAULT_DELAY_MS = 1000;
const DEFAULT_ATTEMPTS = 3;

export function buildSteps(data: Table): Readonly<Record<string, Step>> {
  return mapTable(data, (value, id) => buildStep(id, readTable(value)));
}

export function buildStep(id: string, data: Table): Step {
  return {
    id,
    needs: readTexts(data['needs']),
    ...optional('when', readText(data['when'])),
    ...buildLimits(data),
    onFailure: data['on_failure'] === 'continue' ? 'continue' : 'fail',
    ...optional('foreach', buildForeach(data)),
    ...(data['cache'] === undefined ? {} : { cache: buildCache(readTable(data['cache'])) }),
    ...(data['resources'] === undefined ? {} : { resources: buildResources(readTable(data['resources'])) }),
    work: buildWork(data),
  };
}

export function buildAction(data: Table): ActionTemplate {
  return {
    ...optional('description', readText(data['description'])),
    inputs: mapTable(readTable(data['inputs']), (value) => buildParameter(readTable(value))),
    outputs: mapTable(readTable(data['outputs']), readOutputType),
    ...buildLimits(data),
    work: buildWork(data),
  };
}

function readOutputType(value: JsonValue): OutputType {
  return OUTPUT_TYPES.find((type) => type === value) ?? 'json';
}

function buildLimits(data: Table): Pick<Step, 'env' | 'timeoutMs' | 'retry'> {
  return {
    env: mapTable(readTable(data['env']), (value) =>
      typeof value === 'object' ? '' : toEnvironmentString(value),
    ),
    ...optional('timeoutMs', findDurationMs(readText(data['timeout']) ?? '')),
    ...(data['retry'] === undefined ? {} : { retry: buildRetry(readTable(data['retry'])) }),
  };
}

function buildRetry(data: Table): Retry {
  const backoff = data['backoff'];
  return {
    attempts: readNumber(data['attempts']) ?? DEFAULT_ATTEMPTS,
    backoff: backoff === 'linear' || backoff === 'exponential' ? backoff : 'constant',
    delayMs: findDurationMs(readText(data['delay']) ?? '') ?? DEFAULT_DELAY_MS,
    ...optional('maxDelayMs', findDurationMs(readText(data['max_delay']) ?? '')),
    jitter: data['jitter'] === true,
  };
}

function buildForeach(data: Table): Foreach | undefined {
  if (data['foreach'] === undefined) return undefined;
  return {
    items: readText(data['foreach']) ?? '',
    as: readText(data['as']) ?? 'item',
    ...optional('maxParallel', readNumber(data['max_parallel'])),
  };
}

function buildResources(data: Table): NonNullable<Step['resources']> {
  return {
    ...optional('cpus', readNumber(data['cpus'])),
    ...optional('memoryBytes', findSizeBytes(readText(data['memory']) ?? '')),
  };
}

function buildCache(data: Table): NonNullable<Step['cache']> {
  return { files: readTexts(data['files']), env: readTexts(data['env']) };
}

/** The first body there is: that there is one and no other is checked elsewhere. */
function buildWork(data: Table): Work {
  const inputs = readTable(data['with']);
  const [script, uses] = [readText(data['script']), readText(data['uses'])];
  if (data['run'] === undefined) {
    if (script !== undefined) return { kind: 'script', script, with: inputs };
    if (uses !== undefined) return { kind: 'action', uses, with: inputs };
    if (data['wait'] !== undefined) return buildWait(readTable(data['wait']));
    if (data['await_event'] !== undefined) return buildEvent(readTable(data['await_event']));
    const inner = data['do'] ?? data['steps'];
    if (inner !== undefined) return { kind: 'block', steps: buildSteps(readTable(inner)) };
  }
  return { kind: 'shell', run: readText(data['run']) ?? '', ...optional('shell', readShell(data['shell'])) };
}

function readShell(value: JsonValue | undefined): Shell | undefined {
  if (value === 'bash' || value === 'sh') return value;
  const words = readTexts(value);
  return words.length > 0 && words.length === readList(value).length ? words : undefined;
}

function buildWait(data: Table): Work {
  const { seconds } = data;
  return {
    kind: 'wait',
    ...optional('seconds', readNumber(seconds) ?? readText(seconds)),
    ...optional('until', readText(data['until'])),
  };
}

function buildEvent(data: Table): Work {
  return {
    kind: 'await_event',
    source: readText(data['source']) ?? '',
    ...optional('match', readText(data['match'])),
    ...optional('timeoutMs', findDurationMs(readText(data['timeout']) ?? '')),
  };
}
