// Builders of schemas in place of TypeBox's own, see `build-typebox.mjs`: the same members and symbols, with parts that are
// shared rather than copied. What is not asked for is left out of a bundle.
const KIND = Symbol.for('TypeBox.Kind');
const OPTIONAL = Symbol.for('TypeBox.Optional');
const ANY_KEY = '^(.*)$';

/* @__NO_SIDE_EFFECTS__ */
function make(kind, members, options) {
  return { ...options, [KIND]: kind, ...members };
}

/* @__NO_SIDE_EFFECTS__ */
function ofObject(properties, options) {
  const required = Object.keys(properties).filter((name) => properties[name][OPTIONAL] !== 'Optional');
  return make('Object', { type: 'object', ...(required.length > 0 && { required }), properties }, options);
}
/* @__NO_SIDE_EFFECTS__ */
function ofString(options) {
  return make('String', { type: 'string' }, options);
}
/* @__NO_SIDE_EFFECTS__ */
function ofInteger(options) {
  return make('Integer', { type: 'integer' }, options);
}
/* @__NO_SIDE_EFFECTS__ */
function ofNumber(options) {
  return make('Number', { type: 'number' }, options);
}
/* @__NO_SIDE_EFFECTS__ */
function ofBoolean(options) {
  return make('Boolean', { type: 'boolean' }, options);
}
/* @__NO_SIDE_EFFECTS__ */
function ofNull(options) {
  return make('Null', { type: 'null' }, options);
}
/* @__NO_SIDE_EFFECTS__ */
function ofUnknown(options) {
  return make('Unknown', {}, options);
}
/* @__NO_SIDE_EFFECTS__ */
function ofUnsafe(options = {}) {
  return make(options[KIND] ?? 'Unsafe', {}, options);
}
/* @__NO_SIDE_EFFECTS__ */
function ofLiteral(value, options) {
  return make('Literal', { const: value, type: typeof value }, options);
}
/* @__NO_SIDE_EFFECTS__ */
function ofArray(items, options) {
  return make('Array', { type: 'array', items }, options);
}
/* @__NO_SIDE_EFFECTS__ */
function ofTuple(items, options) {
  const length = items.length;
  return make(
    'Tuple',
    { type: 'array', items, additionalItems: false, minItems: length, maxItems: length },
    options,
  );
}
/* @__NO_SIDE_EFFECTS__ */
function ofUnion(anyOf, options) {
  if (anyOf.length < 2) throw new Error('a union has two members or more');
  return make('Union', { anyOf }, options);
}
/* @__NO_SIDE_EFFECTS__ */
function ofRecord(key, value, options) {
  if (key[KIND] !== 'String') throw new Error('the keys of a record are strings');
  return make('Record', { type: 'object', patternProperties: { [key.pattern ?? ANY_KEY]: value } }, options);
}
/* @__NO_SIDE_EFFECTS__ */
function ofOptional(schema) {
  return { ...schema, [OPTIONAL]: 'Optional' };
}
/* @__NO_SIDE_EFFECTS__ */
function ofComposite(objects, options) {
  const properties = {};
  for (const object of objects) {
    for (const [name, schema] of Object.entries(object.properties)) {
      if (name in properties) throw new Error(`two parts of a composite have ${name}`);
      properties[name] = schema;
    }
  }
  return ofObject(properties, options);
}

export {
  ofArray as Array,
  ofBoolean as Boolean,
  ofComposite as Composite,
  ofInteger as Integer,
  ofLiteral as Literal,
  ofNull as Null,
  ofNumber as Number,
  ofObject as Object,
  ofOptional as Optional,
  ofRecord as Record,
  ofString as String,
  ofTuple as Tuple,
  ofUnion as Union,
  ofUnknown as Unknown,
  ofUnsafe as Unsafe,
};
