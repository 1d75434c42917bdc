import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interleave, median } from '../lib/measure.js';
import type { Row } from '../lib/report.js';
import { outputOf, runCommand, type Command } from './commands.js';
import { percentile } from './rows.js';

const SCRIPT = fileURLToPath(new URL('../../packages/cli/dist/completion/bash', import.meta.url));
const REFERENCES = 5000;
const MOST_P50_MS = 25;
const MOST_P95_MS = 60;

/** A whole bash that reads the script and completes: a verb, and one of 5,000 references that were seen. */
export async function benchCompletion(folder: string, rounds: number): Promise<readonly Row[]> {
  const cache = join(folder, 'cache');
  await mkdir(join(cache, 'sheaf', 'completion'), { recursive: true });
  const references = Array.from({ length: REFERENCES }, (_, i) => `team-${i % 50}/workflow-${i}`);
  await writeFile(join(cache, 'sheaf', 'completion', 'reference'), `${references.join('\n')}\n`);
  const lines = ['sheaf ru', 'sheaf info team-4/workflow-4'];
  const completing = (line: string): Command => ({
    program: 'bash',
    args: ['--norc', '-c', COMPLETE, 'bash', SCRIPT, ...line.split(' ')],
    env: { HOME: folder, XDG_CACHE_HOME: cache },
  });
  for (const line of lines) {
    if (outputOf(completing(line)).trim() === '') throw new Error(`\`${line}\` is not completed`);
  }
  const timings = await interleave(
    lines.map((line) => ({
      name: `bash completing \`${line}\``,
      run: () => {
        runCommand(completing(line));
      },
    })),
    rounds,
  );
  return [...timings].map(([what, values]) => {
    const p95 = percentile(values, 95);
    return {
      what,
      value: median(values),
      unit: 'ms',
      target: `p50 ≤ ${MOST_P50_MS}, p95 ≤ ${MOST_P95_MS}`,
      isMet: median(values) <= MOST_P50_MS && p95 <= MOST_P95_MS,
      note: `p95 ${p95.toFixed(0)} ms`,
    };
  });
}

const COMPLETE = `
  source "$1"; shift
  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=\${#COMP_LINE}
  _sheaf sheaf "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
  printf '%s\\n' "\${COMPREPLY[@]}"`;
