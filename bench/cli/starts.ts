import { interleave } from '../lib/measure.js';
import type { Row } from '../lib/report.js';
import { ASK, nodeCommand, runCommand, stepWord, type Command } from './commands.js';
import type { Person } from './person.js';
import { beyondNetwork, compared, timed } from './rows.js';
import { bareStep, sandboxedStep } from './step.js';

const BARE = 'node -e 0';

/** A verb, what it asks a registry for, and what it may take of a bare Node beyond that. */
interface Verb {
  readonly words: readonly string[];
  readonly asks?: readonly string[];
  readonly most: number;
  /** It runs a step, a shell with `true`: in a sandbox, unless it is told to do without. */
  readonly step?: 'sandboxed' | 'bare';
  /** Beside `sheaf.toml` and `sheaf.lock`. */
  readonly inProject?: boolean;
}

/** What verbs take from the start of their process to its end, beside a bare Node. */
export async function benchStarts(person: Person, url: string, rounds: number): Promise<readonly Row[]> {
  const verbs = verbsOf(person, url);
  const contestants: [name: string, command: Command][] = [[BARE, nodeCommand('0')]];
  for (const verb of verbs) {
    contestants.push([nameOf(verb, person), commandOf(verb, person)]);
    if (verb.asks !== undefined || verb.step !== undefined)
      contestants.push([askingOf(verb), nodeCommand(ASK, ...(verb.asks ?? []), ...stepOf(verb, person))]);
  }
  // Twice the same requests are timed once.
  const unique = [...new Map(contestants)];
  const timings = await interleave(
    unique.map(([name, command]) => ({
      name,
      run: () => {
        runCommand(command);
      },
    })),
    rounds,
  );
  const rows = verbs.map((verb) => {
    const name = nameOf(verb, person);
    return verb.asks === undefined && verb.step === undefined
      ? compared(timings, name, BARE, verb.most)
      : beyondNetwork(timings, name, { bare: BARE, asking: askingOf(verb) }, verb.most);
  });
  return [timed(timings, BARE), ...rows];
}

function verbsOf({ small }: Person, url: string): readonly Verb[] {
  const at = `${url}/v1/workflows/${small}`;
  const known = `${url}/.well-known/sheaf-registry`;
  const resolving = [`${at} ${url}/log/public/checkpoint`, `${at}/1.0.0/standing`];
  return [
    { words: ['--version'], most: 1.1 },
    { words: ['help'], most: 1.1 },
    { words: ['validate', 'small'], most: 2 },
    { words: ['plan', './small'], most: 2 },
    { words: ['status'], most: 2 },
    { words: ['search', 'true'], asks: [`${url}/v1/workflows?q=true&limit=20 ${known}`], most: 2 },
    { words: ['info', small], asks: [at, `${known} ${at}/1.0.0`], most: 2 },
    { words: ['fetch', small], asks: resolving, most: 2 },
    { words: ['fetch', small, '--offline'], most: 2 },
    { words: ['run', small], asks: resolving, step: 'sandboxed', most: 2 },
    { words: ['run', small, '--offline'], step: 'sandboxed', most: 2 },
    { words: ['run', small, '--offline', '--profile', 'permissive'], step: 'bare', most: 2 },
    {
      words: ['run', 'small', '--locked'],
      inProject: true,
      asks: [`${at}/1.0.0/standing ${url}/log/public/checkpoint`],
      step: 'sandboxed',
      most: 2,
    },
    { words: ['run', 'small', '--locked', '--offline'], inProject: true, step: 'sandboxed', most: 2 },
  ];
}

function commandOf({ words, inProject = false }: Verb, { project, sheaf }: Person): Command {
  return inProject ? { ...sheaf(words), cwd: project } : sheaf(words);
}

function nameOf({ words }: Verb, { small }: Person): string {
  return `sheaf ${words.join(' ')}`.replaceAll(small, 'REF');
}

function stepOf({ step }: Verb, { folder }: Person): readonly string[] {
  if (step === undefined) return [];
  return [stepWord(step === 'bare' ? bareStep : sandboxedStep(folder))];
}

function askingOf({ words, step }: Verb): string {
  const what = words.includes('--offline')
    ? 'nothing'
    : words.includes('--locked')
      ? 'the same as --locked'
      : words[0] === 'run'
        ? 'the same as fetch'
        : `the same as ${words[0]}`;
  const alsoStep = step === undefined ? '' : step === 'bare' ? ', and a step' : ', and a sandboxed step';
  return `node:http asking ${what}${alsoStep}`;
}
