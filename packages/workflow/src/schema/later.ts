/** Keys of the format that this version does not run, by the part of a definition they stand in. */
const LATER: Readonly<Record<string, ReadonlySet<string>>> = {
  definition: new Set(['actions', 'artifacts', 'catch', 'max_parallel', 'on', 'workspace']),
  step: new Set([
    'as',
    'artifacts',
    'await_event',
    'catch',
    'do',
    'foreach',
    'max_parallel',
    'parallel',
    'retry',
    'script',
    'steps',
    'uses',
    'wait',
    'with',
    'workspace',
  ]),
};

/** Parameter types of the format that this version does not run. */
export const LATER_PARAMETER_TYPES: ReadonlySet<string> = new Set(['secret']);

/** Is this a key that a later version brings? */
export function isLaterKey(part: string, key: string): boolean {
  return LATER[part]?.has(key) === true;
}

/** Keys that say what a step does instead of `run`. */
export const LATER_STEP_BODIES: readonly string[] = [
  'uses',
  'script',
  'foreach',
  'do',
  'parallel',
  'steps',
  'wait',
  'await_event',
];
