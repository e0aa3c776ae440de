type Attributes = Readonly<Record<string, string | boolean>>;

/** An element; text among its children stays text, whatever it holds: names come from files and strangers. */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== false) element.setAttribute(name, value === true ? '' : value);
  element.append(...children);
  return element;
}

/** An element of the page's own markup. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found as T;
}

/** A select's choices, the first of which is taken. */
export function fillSelect(
  select: HTMLSelectElement,
  choices: readonly (readonly [value: string, text: string])[],
): void {
  select.replaceChildren(...choices.map(([value, text]) => create('option', { value }, text)));
}
