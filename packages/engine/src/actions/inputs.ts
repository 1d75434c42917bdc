import type { JsonValue } from '@sheaf/workflow';

/** What an action is given. Its manifest has checked the types by then, so that these only say them. */
export type Inputs = Readonly<Record<string, JsonValue>>;

export function textOf(inputs: Inputs, name: string): string | undefined {
  const value = inputs[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(inputs: Inputs, name: string): number | undefined {
  const value = inputs[name];
  return typeof value === 'number' ? value : undefined;
}

export function isSet(inputs: Inputs, name: string): boolean {
  return inputs[name] === true;
}

export function listOf(inputs: Inputs, name: string): readonly JsonValue[] {
  const value = inputs[name];
  return isList(value) ? value : [];
}

export function textsOf(inputs: Inputs, name: string): readonly string[] {
  return listOf(inputs, name).filter((item) => typeof item === 'string');
}

export function mapOf(inputs: Inputs, name: string): Inputs {
  const value = inputs[name];
  return isMap(value) ? value : {};
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isMap(value: JsonValue | undefined): value is Inputs {
  return typeof value === 'object' && value !== null && !isList(value);
}
