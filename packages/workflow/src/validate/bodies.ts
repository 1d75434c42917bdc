import { nameOf } from '../schema/check.js';
import { ACTION_BODIES, STEP_BODIES } from '../schema/step-schema.js';
import type { Finding, Path } from '../source/tree.js';
import type { Table } from '../tables.js';
import { tick } from '../text.js';

/** The bodies that a key of a step goes with. */
const GOES_WITH: Readonly<Record<string, readonly string[]>> = {
  shell: ['run'],
  with: ['script', 'uses'],
  env: ['run', 'uses'],
  retry: ['run', 'script', 'uses'],
  cache: ['run', 'script', 'uses'],
  resources: ['run', 'script', 'uses'],
  foreach: ['run', 'script', 'uses', 'do'],
};

/** Bodies that hold steps. */
const HOLDING: ReadonlySet<string> = new Set(['parallel', 'do']);

/** What to write instead, where a key does not go with a step that holds others. */
const INSTEAD: Readonly<Record<string, string>> = {
  env: 'give the variables to the steps in it',
  retry: 'give it to the steps in it',
  cache: 'give it to the steps in it',
  resources: 'give it to the steps in it',
  foreach: 'put what runs for each item under `do`',
};

/** The same for others. */
const OTHERWISE: Readonly<Record<string, string>> = {
  env: 'a script finds values in its input: give them in `with`',
  with: 'values reach `run` in `env`',
  foreach: 'put what runs for each item under `do`',
};

/** Keys that say nothing without another one. */
const NEEDS: Readonly<Record<string, string>> = {
  as: 'foreach',
  max_parallel: 'foreach',
  do: 'foreach',
  steps: 'parallel',
};

/** Checks that a step does one thing, and that its other keys are about that. */
export function checkBodies(raw: Table, path: Path, isAction: boolean): readonly Finding[] {
  const findings: Finding[] = [];
  const bodies = isAction ? ACTION_BODIES : STEP_BODIES;
  const [first, ...others] = bodies.filter((body) => Object.hasOwn(raw, body));
  if (first === undefined) findings.push(doesNothing(raw, path, bodies));
  for (const other of others) {
    findings.push({
      code: 'step.bodies',
      message: `a step does one thing: ${tick(first ?? '')} or ${tick(other)}`,
      label: 'a second thing to do',
      hint: 'make two steps of it',
      path: [...path, other],
      at: 'key',
      related: [{ path: [...path, first ?? ''], at: 'key', label: `${tick(first ?? '')} is here` }],
    });
  }
  if (raw['parallel'] === false) {
    findings.push({
      code: 'value.invalid',
      message: 'parallel can only be true',
      hint: 'leave it out, and put the steps beside this one, each with the one before in `needs`',
      path: [...path, 'parallel'],
    });
  }
  if (raw['parallel'] === true && raw['steps'] === undefined) {
    findings.push({
      code: 'key.missing',
      message: `${nameOf(path)} has no \`steps\``,
      hint: `add them as tables like [${nameOf([...path, 'steps', 'first'])}]`,
      path: [...path, 'parallel'],
      at: 'key',
    });
  }
  for (const [key, other] of Object.entries(NEEDS)) {
    if (!Object.hasOwn(raw, key) || Object.hasOwn(raw, other)) continue;
    findings.push({
      code: 'step.option',
      message: `${tick(key)} says nothing without ${tick(other)}`,
      hint: other === 'parallel' ? 'add parallel = true' : `add ${other}, or remove it`,
      path: [...path, key],
      at: 'key',
    });
  }
  if (first !== undefined && others.length === 0) findings.push(...checkCompanions(raw, path, first));
  return findings;
}

function checkCompanions(raw: Table, path: Path, body: string): readonly Finding[] {
  return Object.entries(GOES_WITH).flatMap(([key, bodies]): readonly Finding[] => {
    if (!Object.hasOwn(raw, key) || bodies.includes(body)) return [];
    return [
      {
        code: 'step.option',
        message: `${tick(key)} does not go with ${tick(body)}`,
        hint: HOLDING.has(body) ? (INSTEAD[key] ?? 'remove it') : (OTHERWISE[key] ?? 'remove it'),
        path: [...path, key],
        at: 'key',
        related: [{ path: [...path, body], at: 'key', label: 'what the step does' }],
      },
    ];
  });
}

function doesNothing(raw: Table, path: Path, bodies: readonly string[]): Finding {
  const choice = raw['foreach'] === undefined ? bodies : ['run', 'script', 'uses', 'do'];
  const hint =
    raw['steps'] === undefined ? `give it one of: ${choice.join(', ')}` : 'add parallel = true for its steps';
  return { code: 'key.missing', message: `${nameOf(path)} does nothing`, hint, path, at: 'key' };
}
