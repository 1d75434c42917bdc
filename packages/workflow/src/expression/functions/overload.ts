import { chargeReading, chargeText, type Budget } from '../budget.js';
import { BOOL, STRING, kindOf, type CelType } from '../types.js';
import { isList, typeOf, type CelList, type CelValue, type ValueKind } from '../value.js';

/** A type an argument may have; `any` takes all, `number` an int, a uint or a double, `texts` a list of text. */
export type ArgumentType = Exclude<ValueKind, 'null' | 'secret'> | 'any' | 'number' | 'texts' | 'numbers';

/** One way to call a function. */
export interface Overload {
  /** Of the value before the dot; undefined for a function that stands alone. */
  readonly target?: ArgumentType;
  readonly args: readonly ArgumentType[];
  /** The last argument may be there any number of times, but at least once. */
  readonly isVariadic?: true;
  /** From the types of the target, if any, and the arguments. */
  readonly result: CelType | ((types: readonly CelType[]) => CelType);
  /** Gets the target first, then the arguments, already of the right types. */
  readonly apply: (values: readonly CelValue[], budget: Budget) => CelValue;
}

/** Functions by name, each with all ways to call it. */
export type FunctionTable = readonly (readonly [string, readonly Overload[]])[];

/** The types that an overload wants for so many arguments, its target first; undefined where it takes another number of them. */
export function wantedTypes(overload: Overload, count: number): readonly ArgumentType[] | undefined {
  const wanted = overload.target === undefined ? overload.args : [overload.target, ...overload.args];
  const last = wanted.at(-1);
  if (overload.isVariadic === true && last !== undefined && count > wanted.length) {
    return [...wanted, ...new Array<ArgumentType>(count - wanted.length).fill(last)];
  }
  return wanted.length === count ? wanted : undefined;
}

const NUMBERS: readonly string[] = ['int', 'uint', 'double'];

/** Is the value one that an argument of the type takes? What a list holds is looked at by the function itself. */
export function fits(value: CelValue, type: ArgumentType): boolean {
  const kind = typeOf(value);
  switch (type) {
    case 'any':
      return kind !== 'secret';
    case 'number':
      return NUMBERS.includes(kind);
    case 'texts':
    case 'numbers':
      return kind === 'list';
    default:
      return kind === type;
  }
}

/** May a value of a type be one that an argument of the other takes? */
export function allows(wanted: ArgumentType, type: CelType): boolean {
  const kind = kindOf(type);
  if (kind === 'dyn' || wanted === 'any') return true;
  switch (wanted) {
    case 'number':
      return NUMBERS.includes(kind);
    case 'texts':
    case 'numbers':
      return type.kind === 'list' && allows(wanted === 'texts' ? 'string' : 'number', type.item);
    default:
      return kind === wanted;
  }
}

/** The text of an argument that is one. */
export function textAt(values: readonly CelValue[], at: number): string {
  const value = values[at];
  return typeof value === 'string' ? value : '';
}

/** The integer of an argument that is one. */
export function intAt(values: readonly CelValue[], at: number): bigint {
  const value = values[at];
  return typeof value === 'bigint' ? value : 0n;
}

const EMPTY: CelList = { kind: 'list', length: 0, at: () => null };

/** The list of an argument that is one. */
export function listAt(values: readonly CelValue[], at: number): CelList {
  const value = values[at] ?? null;
  return isList(value) ? value : EMPTY;
}

/** A method that makes a text of a text, no longer than it was. */
export function textMethod(apply: (value: string) => string): Overload {
  return {
    target: 'string',
    args: [],
    result: STRING,
    apply: (values, budget) => {
      chargeText(budget, textAt(values, 0).length);
      return apply(textAt(values, 0));
    },
  };
}

/** A method that asks a text about another. */
export function textPredicate(apply: (value: string, part: string) => boolean): Overload {
  return {
    target: 'string',
    args: ['string'],
    result: BOOL,
    apply: (values, budget) => {
      chargeReading(budget, textAt(values, 0).length);
      return apply(textAt(values, 0), textAt(values, 1));
    },
  };
}

/** All ways to call a function, for a hint. */
export function signaturesOf(name: string, overloads: readonly Overload[]): string {
  return `it takes ${overloads.map((overload) => signature(name, overload)).join(' or ')}`;
}

function signature(name: string, { target, args, isVariadic }: Overload): string {
  const method = target === undefined ? '' : `${shown(target)}.`;
  return `${method}${name}(${args.map(shown).join(', ')}${isVariadic === true ? ', …' : ''})`;
}

function shown(type: ArgumentType): string {
  if (type === 'texts') return 'list<string>';
  return type === 'numbers' ? 'list<number>' : type;
}
