import type { Style } from '../terminal/style.js';
import type { Flag, Input, Positionals } from './args.js';
import type { Context } from './context.js';
import type { ExitCode } from './exit-codes.js';

/** What a command found out: data for `--json`, which a renderer turns into text otherwise. */
export interface Outcome<D> {
  readonly data: D;
  /** 0 unless given. */
  readonly exitCode?: ExitCode;
}

/** Text for the two streams, each without its final newline; nothing is printed for an empty one. */
export interface Rendered {
  /** The answer, on stdout. */
  readonly answer?: string | undefined;
  /** The talk, on stderr; comes before the answer. */
  readonly talk?: string | undefined;
  /** On stderr, before the talk: commands to the CI that this runs in, which takes nothing else for one. */
  readonly marks?: string | undefined;
  /** The answer is a document in a form of somebody else, or commands to the CI: nothing is put around it. */
  readonly isReport?: boolean | undefined;
  /** On stderr, after the answer: what must not be overlooked. */
  readonly epilogue?: string | undefined;
  /** The answer is long text to read: a terminal shows it in the pager. */
  readonly paged?: boolean | undefined;
}

/** How the answer's stream looks: width in columns (undefined: not a terminal) and colours; and the talk's. */
export interface Look {
  readonly columns: number | undefined;
  readonly style: Style;
  readonly talkColumns?: number | undefined;
  readonly talkStyle: Style;
  readonly nowMs: number;
}

/** A verb, or a verb and its sub-verb. `D` is what it finds out, `J` its JSON document without the key `schema`. */
export type CommandSpec<D extends object, J extends object> = CommonSpec<D> & ToJson<D, J>;

/** Where the data is not the document itself, or has more in it than that. */
type ToJson<D, J> = [D] extends [J]
  ? { readonly toJson?: (data: D) => J }
  : { readonly toJson: (data: D) => J };

interface CommonSpec<D> {
  /** `key generate`. Its JSON schema is `sheaf.key-generate/1`. */
  readonly name: string;
  /** One sentence for the top of the help. */
  readonly about: string;
  readonly positionals: Positionals;
  readonly flags: readonly Flag[];
  readonly examples: readonly string[];
  readonly exitCodes: readonly ExitCode[];
  readonly run: (context: Context, input: Input) => Promise<Outcome<D>>;
  readonly render: (data: D, look: Look) => Rendered;
  /** What `--json` prints, for the help, when that is not one document. */
  readonly jsonSummary?: string;
}

/** A command whose kind of data only it knows. */
export interface Command {
  readonly name: string;
  readonly about: string;
  readonly positionals: Positionals;
  readonly flags: readonly Flag[];
  readonly examples: readonly string[];
  readonly exitCodes: readonly ExitCode[];
  readonly jsonSummary?: string | undefined;
  readonly run: (context: Context, input: Input) => Promise<FinishedCommand>;
}

export interface FinishedCommand {
  readonly exitCode: ExitCode;
  readonly json: object;
  readonly render: (look: Look) => Rendered;
}

/** A verb that only has sub-verbs. */
export interface CommandGroup {
  readonly name: string;
  readonly about: string;
  readonly commands: readonly Command[];
}

/** Closes a command over the type of its data. The type of its document comes from `json/<name-with-dashes>.ts`. */
export function defineCommand<D extends object, J extends object>(spec: CommandSpec<D, J>): Command {
  const toJson = spec.toJson as ((data: D) => J) | undefined;
  return {
    name: spec.name,
    about: spec.about,
    positionals: spec.positionals,
    flags: spec.flags,
    examples: spec.examples,
    exitCodes: spec.exitCodes,
    jsonSummary: spec.jsonSummary,
    run: async (context, input) => {
      const { data, exitCode = 0 } = await spec.run(context, input);
      return { exitCode, json: toJson?.(data) ?? data, render: (look) => spec.render(data, look) };
    },
  };
}

/** The name of a command's JSON document. */
export function schemaName(command: string): string {
  return `sheaf.${command.replaceAll(' ', '-')}/1`;
}

/** The data of a command without what only its renderer needs. */
export function omit<D extends object, K extends keyof D>(data: D, ...keys: readonly K[]): Omit<D, K> {
  const kept = Object.entries(data).filter(([name]) => !keys.includes(name as K));
  return Object.fromEntries(kept) as Omit<D, K>;
}
