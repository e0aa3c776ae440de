import { quote, refuse } from '../../src/errors.js';
import type { Field } from './field.js';
import type { Lowering } from './lowering.js';
import { childrenOf, Gap, refuseAt, textOf } from './reading.js';
import type { Element } from './xml.js';

/** The names that a model knows: its own, and those of the models that it stands in. */
export interface Scope {
  readonly names: Map<string, Field | Pending>;
  readonly outer: Scope | null;
}

/** A derived field that nobody has asked for yet; null where it could not be read. */
interface Pending {
  readonly element: Element;
  state: 'untouched' | 'open' | 'failed';
}

export const scopeIn = (outer: Scope | null, names: Scope['names'] = new Map()): Scope => ({
  names,
  outer,
});

/** Adds the derived fields of a dictionary or of a model's own transformations. */
export function addDerived(lowering: Lowering, scope: Scope, transformations: Element): void {
  for (const element of childrenOf(transformations, 'DerivedField')) {
    const name = textOf(lowering, element, 'name');
    if (scope.names.has(name)) refuseAt(lowering, element, `the name ${quote(name)} twice`);
    scope.names.set(name, { element, state: 'untouched' });
  }
}

/** How a derived field becomes one that is known. */
export type Derive = (lowering: Lowering, scope: Scope, element: Element, depth: number) => Field;

/** What a name stands for. Derived fields are read when they are first asked for, in whichever order they stand. */
export function lookUp(
  lowering: Lowering,
  scope: Scope,
  element: Element,
  name: string,
  derive: Derive,
  depth = 0,
): Field {
  if (depth > lowering.limits.nesting)
    refuse(
      'limit-exceeded',
      name,
      `derived from each other deeper than ${lowering.limits.nesting}`,
    );
  let owner: Scope | null = scope;
  while (owner && !owner.names.has(name)) owner = owner.outer;
  if (!owner) return refuseAt(lowering, element, `no field is named ${quote(name)}`);
  const found = owner.names.get(name)!;
  if ('column' in found) return found;
  if (found.state === 'open')
    return refuseAt(lowering, found.element, `${quote(name)} is derived from itself`);
  // Of what could not be read the reason is known already.
  if (found.state === 'failed') throw new Gap();
  found.state = 'open';
  try {
    const field = derive(lowering, owner, found.element, depth + 1);
    owner.names.set(name, field);
    return field;
  } catch (error) {
    found.state = 'failed';
    throw error;
  }
}
