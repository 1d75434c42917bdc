// From the documents of the command line to the schemas that others check them with, and to rows of the reference.

/** The form for consumers: open to fields that a later release adds. */
export function toPublicSchema({ name, about, body }) {
  const plain = simplify(JSON.parse(JSON.stringify(body)));
  const first = { schema: { const: `sheaf.${name}/1` } };
  const withName = (object) => ({
    ...object,
    properties: { ...first, ...object.properties },
    required: ['schema', ...(object.required ?? [])],
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:sheaf:json:${name}:1`,
    title: `sheaf.${name}/1`,
    description: about,
    ...(plain.anyOf === undefined ? withName(plain) : { anyOf: plain.anyOf.map(withName) }),
  };
}

/** A union of constants is an enum, and a tuple is said as draft 2020-12 does. */
function simplify(schema) {
  if (Array.isArray(schema)) return schema.map(simplify);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, simplify(value)]));
  if (Array.isArray(copy.anyOf) && copy.anyOf.every((each) => each.const !== undefined)) {
    const { anyOf, ...rest } = copy;
    return { ...rest, enum: anyOf.map((each) => each.const) };
  }
  if (Array.isArray(copy.items)) {
    const { additionalItems, items, ...rest } = copy;
    return { ...rest, prefixItems: items, items: additionalItems };
  }
  return copy;
}

/** Each field of an object with those under it: `steps[].step`. */
export function fieldsOf(schema, before = '') {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const isOptional = !(schema.required ?? []).includes(name);
    const path = `${before}${name}`;
    const row = { path: `${path}${isOptional ? '?' : ''}`, type: typeOf(field), meaning: meaningOf(field) };
    return [row, ...below(field, path)];
  });
}

function below(field, path) {
  if (field.prefixItems !== undefined) return [];
  if (field.type === 'array') return below(field.items, `${path}[]`);
  if (field.anyOf !== undefined) return uniqueRows(field.anyOf.flatMap((each) => below(each, path)));
  if (field.patternProperties !== undefined)
    return below(Object.values(field.patternProperties)[0], `${path}.*`);
  return fieldsOf(field, `${path}.`);
}

function uniqueRows(rows) {
  return [...new Map(rows.map((row) => [`${row.path} ${row.type}`, row])).values()];
}

function meaningOf({ description = '', const: value }) {
  return value !== undefined && description === '' ? 'which document, and its version' : description;
}

function typeOf(field) {
  if (field.const !== undefined) return `\`${JSON.stringify(field.const)}\``;
  if (field.enum !== undefined) return field.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  if (field.anyOf !== undefined) return [...new Set(field.anyOf.map(typeOf))].join(' or ');
  if (field.prefixItems !== undefined) return `[${field.prefixItems.map(typeOf).join(', ')}]`;
  if (field.type === 'array') return `list of ${typeOf(field.items)}`;
  if (field.format === 'date-time') return 'time';
  return field.type ?? 'anything';
}
