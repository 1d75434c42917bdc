import { createPlan, readDefinition } from '@sheaf/workflow';
import { median } from '../lib/measure.js';
import type { Row } from '../lib/report.js';
import { definitionOf } from './plans.js';

/** Planning, without and with parsing. */
export function benchPlanning(count: number, rounds: number): readonly Row[] {
  const text = definitionOf(count);
  const parsing: number[] = [];
  const planning: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const began = performance.now();
    const { definition, diagnostics } = readDefinition({ text, file: 'workflow.toml' });
    const parsed = performance.now();
    if (definition === undefined) throw new Error(diagnostics[0]?.message ?? 'the definition is not valid');
    createPlan(definition, {});
    if (round < 0) continue;
    parsing.push(parsed - began);
    planning.push(performance.now() - parsed);
  }
  const planMs = median(planning);
  return [
    {
      what: `planning ${count} parsed steps`,
      value: planMs,
      unit: 'ms',
      target: '≤ 200 ms',
      isMet: planMs <= 200,
      note: `a file of ${Math.round(text.length / 1024)} KiB, read and checked in ${Math.round(median(parsing))} ms`,
    },
  ];
}
