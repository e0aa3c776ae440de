/**
 * The little of WebAssembly's binary format that the kernels need. Code is the bytes of instructions, in lists of lists; operands come before
 * what takes them from the stack.
 *
 * Source: https://webassembly.github.io/spec/core/binary/
 */
export type Code = number | readonly Code[];

const valueTypes = { i32: 0x7f, f32: 0x7d, f64: 0x7c } as const;
export type ValueType = keyof typeof valueTypes;

/** Instructions that take what the code before them leaves. */
export const op = {
  i32Eqz: 0x45,
  i32Less: 0x48,
  i32LessUnsigned: 0x49,
  i32Greater: 0x4a,
  f32NotEqual: 0x5c,
  f32Greater: 0x5e,
  f64NotEqual: 0x62,
  f64Greater: 0x64,
  i32Add: 0x6a,
  i32Subtract: 0x6b,
  i32Multiply: 0x6c,
  i32And: 0x71,
  i32Or: 0x72,
  i32ShiftLeft: 0x74,
  i32ShiftRightUnsigned: 0x76,
  f64Add: 0xa0,
  f64Multiply: 0xa2,
  i32FromF64: 0xab,
  f64FromF32: 0xbb,
  /** A float64 to the address below it. */
  f64Store: [0x39, 3, 0],
} as const;

export const constant = (value: number): Code => [0x41, signed(value)];

/** What is `offset` bytes after the address on the stack. */
export function load(type: ValueType, offset: number): Code {
  const [code, alignment] = { i32: [0x28, 2], f32: [0x2a, 2], f64: [0x2b, 3] }[type] as [
    number,
    number,
  ];
  return [code, alignment, unsigned(offset)];
}

const noResult = 0x40;
const end = 0x0b;
/** A block that `leave` ends. */
export const block = (...body: readonly Code[]): Code => [0x02, noResult, body, end];
/** A block that `repeat` begins again; else it ends at its end. */
export const loop = (...body: readonly Code[]): Code => [0x03, noResult, body, end];
/** `depth` counts the blocks and loops between, which are left, too. */
const branch = (depth: number): Code => [0x0c, depth];
/** As `branch`, if the number on the stack is not 0. */
const branchIf = (depth: number): Code => [0x0d, depth];

export { branch as repeat, branchIf as leaveIf, branchIf as repeatIf };

/** The variables of a function, its int32 parameters first, by name. */
export class Variables {
  readonly #parameters: number;
  readonly #names: string[];
  readonly #types: ValueType[] = [];

  constructor(...parameters: string[]) {
    this.#parameters = parameters.length;
    this.#names = parameters;
  }

  get(name: string): Code {
    return [0x20, unsigned(this.#indexOf(name, 'i32'))];
  }

  /** Gives a variable the value that the code leaves. */
  set(name: string, value: Code, type: ValueType = 'i32'): Code {
    return [value, 0x21, unsigned(this.#indexOf(name, type))];
  }

  /** As `set`, and leaves the value. */
  tee(name: string, value: Code, type: ValueType = 'i32'): Code {
    return [value, 0x22, unsigned(this.#indexOf(name, type))];
  }

  /** A variable has the type of its first mention. */
  #indexOf(name: string, type: ValueType): number {
    const found = this.#names.indexOf(name);
    if (found !== -1) return found;
    this.#types.push(type);
    return this.#names.push(name) - 1;
  }

  /** A module that imports the memory `m.m`, which threads may share, and exports `f`: this function, with no result. */
  assemble(body: Code, shared = false): Uint8Array<ArrayBuffer> {
    const parameters = new Array<number>(this.#parameters).fill(valueTypes.i32);
    const declarations = vector(this.#types.map((type) => [1, valueTypes[type]]));
    const sections: readonly [id: number, item: Code][] = [
      [1, [0x60, vector(parameters), 0]],
      // A shared memory says how large it may grow; the import's limit is the largest there is.
      [2, [name('m'), name('m'), 2, shared ? [3, 1, unsigned(2 ** 16)] : [0, 1]]],
      [3, 0],
      [7, [name('f'), 0, 0]],
      [10, sized([declarations, body, end])],
    ];
    const magic = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    return Uint8Array.from(
      flat([magic, sections.map(([id, item]) => [id, sized(vector([item]))])]),
    );
  }
}

/** The bytes of code. Ten times as fast as `flat`, which took most of the time that a forest took to prepare. */
function flat(code: Code, bytes: number[] = []): number[] {
  if (typeof code === 'number') bytes.push(code);
  else for (const part of code) flat(part, bytes);
  return bytes;
}

/** Code after its own length in bytes. */
function sized(code: Code): Code {
  const bytes = flat(code);
  return [unsigned(bytes.length), bytes];
}

const vector = (items: readonly Code[]): Code => [unsigned(items.length), items];

const name = (letter: string): Code => [1, letter.charCodeAt(0)];

/** LEB128 of an integer from 0 on. */
function unsigned(value: number): Code {
  return value < 0x80 ? value : [(value & 0x7f) | 0x80, unsigned(Math.floor(value / 0x80))];
}

/** LEB128 of an int32. */
function signed(value: number): Code {
  return value >= -0x40 && value < 0x40
    ? value & 0x7f
    : [(value & 0x7f) | 0x80, signed(value >> 7)];
}
