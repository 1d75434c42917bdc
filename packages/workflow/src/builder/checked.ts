import type { ParameterSpec, WorkflowSpec } from './spec.js';

/** The keys of a table, or none where there is no table. */
type Names<T> = T extends Readonly<Record<string, unknown>> ? Extract<keyof T, string> : never;

/** What stands between `${{` and `}}`. */
type Expressions<T extends string> = T extends `${string}\${{${infer Expression}}}${infer Rest}`
  ? Expression | Expressions<Rest>
  : never;

/** The steps that an expression names: what stands between `steps.` and the next dot. */
type StepsIn<T extends string> = T extends `${string}steps.${infer Id}.${infer Rest}`
  ? Id | StepsIn<Rest>
  : never;

type End =
  | ' '
  | '.'
  | ','
  | ')'
  | ']'
  | '['
  | '('
  | '}'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '<'
  | '>'
  | '='
  | '!'
  | '&'
  | '|'
  | '?'
  | ':'
  | '\n';

/** The word that a text begins with. */
type Word<T extends string, Done extends string = ''> = T extends `${infer First}${infer Rest}`
  ? First extends End
    ? Done
    : Word<Rest, `${Done}${First}`>
  : Done;

type ParametersIn<T extends string> = T extends `${string}params.${infer Rest}`
  ? Word<Rest> | ParametersIn<Rest>
  : never;

/** The text itself, or a sentence that no text is when it names what there is not. */
type Text<T, Parameters extends string, Steps extends string> = T extends string
  ? string extends T
    ? T
    : [Exclude<StepsIn<Expressions<T>>, Steps>] extends [never]
      ? [Exclude<ParametersIn<Expressions<T>>, Parameters>] extends [never]
        ? T
        : `no parameter is called ${Exclude<ParametersIn<Expressions<T>>, Parameters>}`
      : `no step is called ${Exclude<StepsIn<Expressions<T>>, Steps>}`
  : T;

/** The same for every text in a value. */
type Texts<T, Parameters extends string, Steps extends string> = T extends string
  ? Text<T, Parameters, Steps>
  : T extends object
    ? { readonly [K in keyof T]: Texts<T[K], Parameters, Steps> }
    : T;

/** What a step gives to one of [actions]: the inputs that it declares and no other. */
type Given<With, Uses, Actions> = Uses extends keyof Actions
  ? Actions[Uses] extends { readonly inputs: infer Inputs }
    ? { readonly [K in keyof With]: K extends keyof Inputs ? With[K] : never }
    : With
  : With;

type Step<T, Parameters extends string, Beside extends string, Around extends string, Actions> = {
  readonly [K in keyof T]: K extends 'needs'
    ? readonly Beside[]
    : K extends 'steps' | 'do'
      ? Steps<T[K], Parameters, Beside | Around, Actions>
      : K extends 'when' | 'foreach' | 'env' | 'wait' | 'await_event'
        ? Texts<T[K], Parameters, Beside | Around>
        : K extends 'with'
          ? Texts<T[K], Parameters, Beside | Around> &
              Given<T[K], T extends { readonly uses: infer Uses } ? Uses : never, Actions>
          : T[K];
};

type Steps<T, Parameters extends string, Around extends string, Actions> = {
  readonly [K in keyof T]: Step<T[K], Parameters, Names<T>, Around, Actions>;
};

/** A definition whose references are all to what it declares; elsewhere a sentence stands that says what is wrong. */
export type Checked<T extends WorkflowSpec> = Omit<T, 'steps' | 'outputs' | 'catch'> & {
  readonly steps: Steps<T['steps'], Names<T['parameters']>, never, T['actions']>;
} & (T extends { readonly outputs: infer Outputs }
    ? { readonly outputs: Texts<Outputs, Names<T['parameters']>, Names<T['steps']>> }
    : unknown);

/** The parameters of a definition with the types of their values, for who starts it from a program. */
export type ParameterValues<T extends { readonly parameters?: Readonly<Record<string, ParameterSpec>> }> = {
  readonly [K in keyof T['parameters']]?: ValueOf<T['parameters'][K]>;
};

type ValueOf<P> = P extends { readonly type: 'integer' | 'number' }
  ? number
  : P extends { readonly type: 'boolean' }
    ? boolean
    : P extends { readonly type: 'enum'; readonly values: readonly (infer V)[] }
      ? V
      : P extends { readonly type: 'json' }
        ? unknown
        : string;
