import type { Work } from '../model.js';
import type { Finding, Path } from '../source/tree.js';
import { findDurationMs } from '../duration.js';
import { readList, readTable, readText, type Table } from '../tables.js';
import { tick } from '../text.js';
import { findUsed } from '../uses.js';
import { stepRecord, type NameContext } from '../validate/names.js';
import type { PlacedStep } from '../walk.js';
import { findMisfits } from './value-fits.js';

/** What is wrong with what a step is to do in a test. */
export function checkMock(
  { step }: PlacedStep,
  mock: Table,
  path: Path,
  context: NameContext,
): readonly Finding[] {
  const kind = kindOfWork(step.work, context);
  const unfit = UNFIT[kind];
  if (unfit !== undefined) {
    return [{ code: 'value.invalid', message: unfit.message, hint: unfit.hint, path, at: 'key' }];
  }
  const findings: Finding[] = [];
  const others = Object.keys(mock).filter((key) => key !== 'real');
  if (mock['real'] === true && (others.length > 0 || kind === 'workflow')) {
    findings.push({
      code: 'value.invalid',
      message:
        kind === 'workflow'
          ? 'a workflow that is used does not run in a test'
          : `a step that does its work cannot have ${others.map((key) => tick(key)).join(', ')} as well`,
      hint: kind === 'workflow' ? 'say what it gives: outputs = { … }' : 'remove one of them',
      path: [...path, 'real'],
      at: 'key',
    });
  }
  if (mock['sequence'] !== undefined && others.length > 1) {
    findings.push({
      code: 'value.invalid',
      message: 'a mock with a sequence says everything in it',
      hint: 'move what stands beside it into the items of the sequence',
      path: [...path, 'sequence'],
      at: 'key',
    });
  }
  findings.push(...checkAttempt(mock, path));
  for (const [at, item] of readList(mock['sequence']).entries()) {
    findings.push(...checkAttempt(readTable(item), [...path, 'sequence', at]));
  }
  return findings;

  function checkAttempt(attempt: Table, at: Path): readonly Finding[] {
    // What one attempt gives, whatever its condition, and of a loop one item.
    const { id, needs, env, onFailure, work } = step;
    const type = stepRecord({ id, needs, env, onFailure, work }, context).fields.get('outputs');
    const outputs = attempt['outputs'];
    const found: Finding[] =
      type === undefined || outputs === undefined ? [] : [...findMisfits(type, outputs, [...at, 'outputs'])];
    for (const key of kind === 'shell' ? [] : ['stdout', 'exit_code']) {
      if (attempt[key] === undefined) continue;
      const message = `only a command has ${tick(key)}`;
      found.push({
        code: 'key.unknown',
        message,
        hint: 'use outputs, or fail',
        path: [...at, key],
        at: 'key',
      });
    }
    for (const key of kind === 'shell' ? ['stdout', 'exit_code'] : []) {
      if (readTable(outputs)[key] === undefined) continue;
      const message = `${tick(key)} of a command is no output that it chooses`;
      found.push({
        code: 'value.invalid',
        message,
        hint: `move it out of outputs: ${key} = …`,
        path: [...at, 'outputs', key],
        at: 'key',
      });
    }
    const takes = readText(attempt['takes']);
    if (takes !== undefined && findDurationMs(takes) === undefined && !/^0+[a-z]/.test(takes)) {
      found.push({
        code: 'timeout.invalid',
        message: `${tick(takes)} is more than 7d`,
        path: [...at, 'takes'],
      });
    }
    return found;
  }
}

type Kind = 'shell' | 'script' | 'action' | 'workflow' | 'wait' | 'await_event' | 'block';

function kindOfWork(work: Work, context: NameContext): Kind {
  if (work.kind !== 'action') return work.kind;
  const used = findUsed(work.uses, context.definition, context.catalogue);
  if (used.kind === 'workflow') return 'workflow';
  if (used.kind !== 'template') return 'action';
  const { kind } = used.template.work;
  return kind === 'shell' || kind === 'script' ? kind : 'action';
}

const UNFIT: Readonly<Partial<Record<Kind, { readonly message: string; readonly hint: string }>>> = {
  wait: {
    message: 'a step that waits needs no mock: time passes at once in a test',
    hint: 'remove it; the clock of the test says when it starts',
  },
  await_event: {
    message: 'a step that waits for an event is given one, not a mock',
    hint: 'send it: [[test.events]] with source and data',
  },
  block: {
    message: 'a block does nothing by itself',
    hint: 'mock the steps in it, by names like block.step',
  },
};
