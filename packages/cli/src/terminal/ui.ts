import { describeChoices, numberChoices, readChoice, type Choices } from './choices.js';
import { openLive, type LiveRegion } from './live.js';
import { askLine } from './prompt.js';
import type { OutputStream } from './stream.js';
import type { OpenTerminal } from './terminal.js';
import { wrapTalk } from './wrap.js';

/** What a command says while it works, and what it asks. Everything here goes to stderr. */
export interface Ui {
  readonly stderr: OutputStream;
  /** Whether questions can be asked: stderr is a terminal, there is one to read from, and this is no CI. */
  readonly canAsk: boolean;
  readonly say: (line: string) => void;
  /** Commands to the CI whose log this is, and what stands between them: as it is. Nothing that is said is a command. */
  readonly mark: (lines: string) => void;
  /** A line that begins with `warning:`. */
  readonly warn: (line: string) => void;
  /** One line, as typed. Only when `canAsk`. */
  readonly ask: (question: string) => Promise<string>;
  /** One line, not shown. Only when `canAsk`. */
  readonly askSecret: (question: string) => Promise<string>;
  /** True for `y` or `yes`; anything else is no. Only when `canAsk`. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** The key of what was chosen, by its key, its word or its number; the default for anything else. Only when `canAsk`. */
  readonly choose: <Key extends string>(question: string, choices: Choices<Key>) => Promise<Key>;
  /** How long all questions so far have waited for their answers, in milliseconds. */
  readonly waitedMs: () => number;
  /** Lines that are redrawn; ordinary lines are printed above them. */
  readonly live: (afterMs: number) => LiveRegion;
}

const YES_OR_NO: Choices<'y' | 'n'> = { keys: { y: 'yes', n: 'no' }, default: 'n' };

/**
 * @param openTerminal the terminal to ask on; undefined when there is none
 * @param isNumbered whether choices are listed with numbers, a line each, for a screen reader
 * @param log takes commands to a CI as they are
 * @param now the clock, in milliseconds
 */
export function createUi(
  stderr: OutputStream,
  openTerminal: OpenTerminal | undefined,
  {
    isNumbered = false,
    log = stderr,
    now,
  }: { readonly isNumbered?: boolean; readonly log?: OutputStream; readonly now: () => number },
): Ui {
  let region: LiveRegion | undefined;
  let waitedMs = 0;
  const say = (line: string): void => {
    region?.clear();
    stderr.write(`${wrapTalk(line, stderr.columns())}\n`);
  };
  const ask = async (question: string, hidden: boolean): Promise<string> => {
    if (openTerminal === undefined) throw new Error('there is no terminal to ask on');
    // A line that is drawn again would wipe the question away.
    const release = region?.hold();
    const askedMs = now();
    try {
      return await askLine(openTerminal(), stderr, question, { hidden });
    } finally {
      release?.();
      waitedMs += now() - askedMs;
    }
  };
  const choose: Ui['choose'] = async (question, choices) => {
    if (!isNumbered) return readChoice(await ask(`${question} ${describeChoices(choices)} `, false), choices);
    say(question);
    for (const line of numberChoices(choices)) say(line);
    return readChoice(await ask('number: ', false), choices);
  };
  return {
    stderr,
    canAsk: openTerminal !== undefined,
    say,
    mark: (lines) => {
      region?.clear();
      log.write(`${lines}\n`);
    },
    warn: (line) => {
      say(`${stderr.style.yellow('warning:')} ${line}`);
    },
    ask: (question) => ask(question, false),
    askSecret: (question) => ask(question, true),
    confirm: async (question) => (await choose(question, YES_OR_NO)) === 'y',
    choose,
    waitedMs: () => waitedMs,
    live: (afterMs) => {
      const opened = openLive(stderr, afterMs);
      region = opened;
      return {
        ...opened,
        close: () => {
          opened.close();
          if (region === opened) region = undefined;
        },
      };
    },
  };
}
