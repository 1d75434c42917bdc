import { WorkflowError } from '../../errors.js';
import { charge } from '../budget.js';
import { checkInt, checkUint } from '../integers.js';
import { BOOL, DOUBLE, INT, UINT, joinTypes, type CelType } from '../types.js';
import { isList, isUint, itemsOf, typeOf, type CelUint, type CelValue } from '../value.js';
import type { FunctionTable, Overload } from './overload.js';

/** The functions of cel-go's math extension. */
export const MATH_FUNCTIONS: FunctionTable = [
  ['math.greatest', extremes((a, b) => a > b)],
  ['math.least', extremes((a, b) => a < b)],
  ['math.ceil', [ofDouble(Math.ceil)]],
  ['math.floor', [ofDouble(Math.floor)]],
  // Halves are rounded away from zero.
  ['math.round', [ofDouble((value) => Math.sign(value) * Math.round(Math.abs(value)))]],
  ['math.trunc', [ofDouble(Math.trunc)]],
  ['math.isNaN', [ask(Number.isNaN)]],
  ['math.isInf', [ask((value) => Math.abs(value) === Infinity)]],
  ['math.isFinite', [ask(Number.isFinite)]],
  [
    'math.sqrt',
    [{ args: ['number'], result: DOUBLE, apply: ([value = null]) => Math.sqrt(Number(bare(value))) }],
  ],
  ['math.abs', ofNumbers((value) => (value < 0n ? -value : value), Math.abs)],
  ['math.sign', ofNumbers((value) => (value < 0n ? -1n : value > 0n ? 1n : 0n), Math.sign)],
  ['math.bitAnd', bitwise((a, b) => a & b)],
  ['math.bitOr', bitwise((a, b) => a | b)],
  ['math.bitXor', bitwise((a, b) => a ^ b)],
  [
    'math.bitNot',
    [
      { args: ['int'], result: INT, apply: ([value = null]) => ~integer(value) },
      { args: ['uint'], result: UINT, apply: ([value = null]) => wrap(~integer(value)) },
    ],
  ],
  ['math.bitShiftLeft', shifts((value, by) => value << by)],
  // An int is shifted as if it had no sign.
  ['math.bitShiftRight', shifts((value, by) => BigInt.asUintN(64, value) >> by)],
];

/** The bare number of an int, a uint or a double. */
function bare(value: CelValue): bigint | number {
  if (isUint(value)) return value.value;
  return typeof value === 'bigint' || typeof value === 'number' ? value : 0n;
}

function integer(value: CelValue): bigint {
  const number = bare(value);
  return typeof number === 'bigint' ? number : 0n;
}

function wrap(value: bigint): CelUint {
  return { kind: 'uint', value: BigInt.asUintN(64, value) };
}

function extremes(isBetter: (a: bigint | number, b: bigint | number) => boolean): readonly Overload[] {
  const pick = (values: readonly CelValue[]): CelValue => {
    const wrong = values.find((value) => !['int', 'uint', 'double'].includes(typeOf(value)));
    if (wrong !== undefined) {
      throw new WorkflowError('expression.type', `numbers are compared, and one is ${typeOf(wrong)}`);
    }
    return values.reduce((best, value) => (isBetter(bare(value), bare(best)) ? value : best));
  };
  return [
    { args: ['number'], isVariadic: true, result: joinTypes, apply: pick },
    {
      args: ['numbers'],
      result: ([list]: readonly CelType[]) => (list?.kind === 'list' ? list.item : joinTypes([])),
      apply: ([list = null], budget) => {
        const items = isList(list) ? list : undefined;
        if (items === undefined || items.length === 0) {
          throw new WorkflowError('expression.value', 'an empty list has neither a least nor a greatest');
        }
        charge(budget, items.length);
        return pick(itemsOf(items));
      },
    },
  ];
}

function ofDouble(apply: (value: number) => number): Overload {
  return {
    args: ['double'],
    result: DOUBLE,
    apply: ([value]) => (typeof value === 'number' ? apply(value) : 0),
  };
}

function ask(apply: (value: number) => boolean): Overload {
  return { args: ['double'], result: BOOL, apply: ([value]) => typeof value === 'number' && apply(value) };
}

function ofNumbers(
  ofInteger: (value: bigint) => bigint,
  ofNumber: (value: number) => number,
): readonly Overload[] {
  return [
    { args: ['int'], result: INT, apply: ([value = null]) => checkInt(ofInteger(integer(value))) },
    { args: ['uint'], result: UINT, apply: ([value = null]) => checkUint(ofInteger(integer(value))) },
    ofDouble(ofNumber),
  ];
}

function bitwise(apply: (a: bigint, b: bigint) => bigint): readonly Overload[] {
  return [
    { args: ['int', 'int'], result: INT, apply: ([a = null, b = null]) => apply(integer(a), integer(b)) },
    {
      args: ['uint', 'uint'],
      result: UINT,
      apply: ([a = null, b = null]) => wrap(apply(integer(a), integer(b))),
    },
  ];
}

function shifts(apply: (value: bigint, by: bigint) => bigint): readonly Overload[] {
  const shift = (value: CelValue, by: CelValue): bigint => {
    const count = integer(by);
    if (count < 0n) throw new WorkflowError('expression.value', 'a shift by less than nothing');
    return count > 63n ? 0n : apply(integer(value), count);
  };
  return [
    {
      args: ['int', 'int'],
      result: INT,
      apply: ([value = null, by = null]) => BigInt.asIntN(64, shift(value, by)),
    },
    { args: ['uint', 'int'], result: UINT, apply: ([value = null, by = null]) => wrap(shift(value, by)) },
  ];
}
