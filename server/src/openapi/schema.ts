/** A piece of an OpenAPI document: plain data, which is checked as a whole by the specification's own validator. */
export type Piece = { readonly [key: string]: unknown };

export const object = (properties: Piece, required: readonly string[] = [], rest: Piece = {}) => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
  ...rest,
});

export const arrayOf = (items: Piece, rest: Piece = {}): Piece => ({
  type: 'array',
  items,
  ...rest,
});

export const ref = (name: string): Piece => ({ $ref: `#/components/schemas/${name}` });

export const text: Piece = { type: 'string' };
export const truth: Piece = { type: 'boolean' };
/** NaN and infinities are null in JSON. */
export const number: Piece = { type: ['number', 'null'] };

/** Any of some schemas; itself where it is one. */
export const anyOf = (schemas: readonly Piece[]): Piece =>
  schemas.length === 1 ? schemas[0]! : { anyOf: schemas };

export const content = (schema: Piece, rest: Piece = {}): Piece => ({
  'application/json': { schema, ...rest },
});

/** A request or answer to show; null where there is none. */
export const exampleOf = (value: Piece | null): Piece =>
  value === null ? {} : { examples: { one: { value } } };
