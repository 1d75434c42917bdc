import { findExplanation, listCodes, type Explained } from '../explain/explain.js';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import { EXIT_MEANINGS } from '../frame/exit-codes.js';
import { findNear } from '../frame/suggest.js';
import { TOPICS } from '../frame/topics.js';
import type { HelpJson } from '../json/help.js';
import { hangText } from '../terminal/text.js';
import { VERBS } from '../verbs.js';

interface Page {
  readonly name: string;
  readonly render: (columns: number | undefined) => string;
  readonly explanation?: Explained;
}

export const command = defineCommand<Page, HelpJson>({
  name: 'help',
  about: 'Say more about a verb, a topic, or the code of an error.',
  positionals: { names: ['VERB|TOPIC|CODE'], required: 0, completes: [['verb', 'topic']] },
  flags: [],
  examples: ['sheaf help signer.changed', 'sheaf help environment'],
  exitCodes: [0, 2],
  run: (_context, input) => Promise.resolve({ data: findPage(input.positionals[0] ?? 'topics') }),
  toJson: ({ name, render, explanation }) => ({
    name,
    text: render(undefined),
    ...(explanation && { explanation }),
  }),
  render: ({ render }, { columns }) => ({ answer: render(columns).trimEnd() }),
});

function findPage(word: string): Page {
  const topic = TOPICS.find(({ name }) => name === word);
  if (topic !== undefined) return { name: word, render: topic.render };
  const explanation = findExplanation(word);
  if (explanation !== undefined)
    return { name: word, render: (columns) => renderExplained(explanation, columns), explanation };
  const names = [...VERBS, ...TOPICS].map(({ name }) => name);
  const near = findNear(word, [...names, ...listCodes()]);
  throw new CliError('usage.unknown_topic', `there is no help on ${JSON.stringify(word.slice(0, 60))}`, {
    hint: near === undefined ? ['sheaf help topics', 'sheaf help all'] : `did you mean sheaf help ${near}`,
  });
}

function renderExplained(
  { code, what, why, todo, exitCode }: Explained,
  columns: number | undefined,
): string {
  return [
    code,
    ...hangText('  what happened  ', what, columns),
    ...hangText('  why            ', why, columns),
    ...hangWhole('  what to do     ', todo, columns),
    ...(exitCode === undefined ? [] : [`  exit code      ${exitCode} ${EXIT_MEANINGS[exitCode]}`]),
  ].join('\n');
}

/** Commands between backticks stay on one line, so that they can be copied. */
function hangWhole(before: string, text: string, columns: number | undefined): readonly string[] {
  const held = text.replace(/`[^`]*`/g, (command) => command.replaceAll(' ', '\u00a0'));
  return hangText(before, held, columns).map((line) => line.replaceAll('\u00a0', ' '));
}
