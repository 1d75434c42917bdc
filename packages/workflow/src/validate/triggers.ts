import { parseCron } from '../cron.js';
import type { Templates, Triggers, WorkflowDefinition } from '../model.js';
import type { Finding, Path, RelatedFinding } from '../source/tree.js';
import { mapTable } from '../tables.js';
import { quote, tick } from '../text.js';
import { checkInputs } from './inputs.js';

/** Checks what starts runs: that schedules can be read, that paths are told apart, and that something starts a run at all. */
export function checkTriggers({ id, on, parameters }: WorkflowDefinition): readonly Finding[] {
  if (on === undefined) return [];
  const given: readonly (readonly [Path, Templates])[] = [
    ...on.webhooks.map((each, at) => [['on', 'webhook', at], each.with] as const),
    ...on.events.map((each, at) => [['on', 'event', at], each.with] as const),
    ...on.schedules.map((each, at) => [['on', 'schedule', at], each.with] as const),
  ];
  const required = Object.entries(parameters).filter(([, { required: isRequired }]) => isRequired);
  return [
    ...checkAny(on, given.length),
    ...checkPaths(on),
    ...on.schedules.flatMap(({ cron }, at) => checkSchedule(cron, ['on', 'schedule', at, 'cron'])),
    ...given.flatMap(([path, values]) => {
      const known = (name: string): RelatedFinding => ({
        path: ['parameters', name],
        at: 'key',
        label: 'declared here',
      });
      const optional = mapTable(parameters, (parameter) => ({ ...parameter, required: false }));
      return checkInputs(values, { inputs: optional }, new Map(), { what: id, path, declared: known });
    }),
    ...given.flatMap(([path, values]) =>
      required.flatMap(([name]): readonly Finding[] =>
        Object.hasOwn(values, name)
          ? []
          : [
              {
                code: 'trigger.parameter',
                message: `nothing gives the parameter ${tick(name)}, and nobody is there to ask`,
                hint: `add it to \`with\`, or give the parameter a default`,
                path,
                related: [{ path: ['parameters', name], at: 'key', label: 'required, without a default' }],
              },
            ],
      ),
    ),
  ];
}

function checkAny({ manual }: Triggers, others: number): readonly Finding[] {
  if (manual || others > 0) return [];
  return [
    {
      code: 'trigger.none',
      message: 'nothing ever starts this workflow',
      path: ['on', 'manual'],
    },
  ];
}

function checkPaths({ webhooks }: Triggers): readonly Finding[] {
  const seen = new Map<string, number>();
  return webhooks.flatMap(({ path }, at): readonly Finding[] => {
    const first = seen.get(path);
    if (first === undefined) {
      seen.set(path, at);
      return [];
    }
    return [
      {
        code: 'trigger.duplicate',
        message: `two webhooks have the path ${quote(path)}`,
        path: ['on', 'webhook', at, 'path'],
        related: [{ path: ['on', 'webhook', first, 'path'], label: 'it is here first' }],
      },
    ];
  });
}

function checkSchedule(cron: string, path: Path): readonly Finding[] {
  if (cron === '') return [];
  const read = parseCron(cron);
  if (!('problem' in read)) return [];
  const { message, start, end } = read.problem;
  return [{ code: 'trigger.cron', message, path, within: { start, end } }];
}
