import { crc32 } from './crc.js';

/**
 * A second writer of `.nut` files, which writes whatever it is told: wrong headers, wrong tables, wrong parts, with right
 * checksums. It shares no code with formats/nut.
 */

/** Bytes that stand for themselves in a header. */
export class Raw {
  readonly bytes: readonly number[];
  constructor(...bytes: number[]) {
    this.bytes = bytes;
  }
}

/** A map whose keys may repeat or be no strings. */
export class Pairs {
  readonly pairs: readonly (readonly [unknown, unknown])[];
  constructor(pairs: readonly (readonly [unknown, unknown])[]) {
    this.pairs = pairs;
  }
}

/** MessagePack of plain data. Keys whose value is undefined are left out; integers take their narrowest form. */
export function encode(value: unknown): number[] {
  const out: number[] = [];
  write(value, out);
  return out;
}

function write(value: unknown, out: number[]): void {
  if (value instanceof Raw) push(out, value.bytes);
  else if (value === null || value === undefined) out.push(0xc0);
  else if (typeof value === 'boolean') out.push(value ? 0xc3 : 0xc2);
  else if (typeof value === 'number') writeNumber(value, out);
  else if (typeof value === 'bigint') writeBigInt(value, out);
  else if (typeof value === 'string') writeText(value, out);
  else if (Array.isArray(value)) {
    writeHead(value.length, 0x90, 15, 0xdc, out);
    for (const item of value) write(item, out);
  } else {
    const pairs =
      value instanceof Pairs
        ? value.pairs
        : Object.keys(value as object)
            .map((key) => [key, (value as Record<string, unknown>)[key]] as const)
            .filter(([, item]) => item !== undefined);
    writeHead(pairs.length, 0x80, 15, 0xde, out);
    for (const [key, item] of pairs) {
      write(key, out);
      write(item, out);
    }
  }
}

function push(out: number[], bytes: Iterable<number>): void {
  for (const byte of bytes) out.push(byte);
}

function writeHead(length: number, fix: number, most: number, long: number, out: number[]): void {
  if (length <= most) out.push(fix | length);
  else if (length < 2 ** 16) out.push(long, length >>> 8, length & 255);
  else out.push(long + 1, ...uint32(length));
}

function writeNumber(value: number, out: number[]): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    out.push(0xcb);
    push(out, new Uint8Array(view.buffer));
  } else if (value >= 0 && value < 128) out.push(value);
  else if (value < 0 && value >= -32) out.push(value & 255);
  else if (value >= 0 && value < 2 ** 32) out.push(0xce, ...uint32(value));
  else writeBigInt(BigInt(value), out);
}

function writeBigInt(value: bigint, out: number[]): void {
  const view = new DataView(new ArrayBuffer(8));
  if (value < 0n) view.setBigInt64(0, value);
  else view.setBigUint64(0, value);
  out.push(value < 0n ? 0xd3 : 0xcf);
  push(out, new Uint8Array(view.buffer));
}

function writeText(value: string, out: number[]): void {
  const bytes = Buffer.from(value, 'utf8');
  if (bytes.length < 32) out.push(0xa0 | bytes.length);
  else if (bytes.length < 256) out.push(0xd9, bytes.length);
  else if (bytes.length < 2 ** 16) out.push(0xda, bytes.length >>> 8, bytes.length & 255);
  else out.push(0xdb, ...uint32(bytes.length));
  push(out, bytes);
}

export function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/** What a file is assembled from; every part may lie. */
export interface FileParts {
  /** Plain data, or MessagePack bytes. */
  readonly header: unknown;
  readonly payload?: Uint8Array;
  readonly start?: readonly number[];
  readonly version?: readonly [number, number];
  /** Length and bytes of the padding; by default what alignment needs, zero. */
  readonly pad?: readonly number[];
  readonly padMarker?: number;
  readonly padLength?: number;
  readonly payloadMarker?: number;
  readonly payloadLength?: number;
  readonly checksumMarker?: readonly [number, number];
  /** Bytes after the checksums. */
  readonly after?: readonly number[];
}

export const nutStart = [0x96, 0xa8, ...Buffer.from('nuthatch'), 0x92];

export function assemble(parts: FileParts): Uint8Array {
  const payload = parts.payload ?? new Uint8Array(0);
  const header =
    parts.header instanceof Uint8Array ? parts.header : Uint8Array.from(encode(parts.header));
  const begin = [...(parts.start ?? nutStart), ...(parts.version ?? [1, 0])];
  const unpadded = begin.length + header.length + 7;
  const pad = parts.pad ?? Array.from({ length: (64 - (unpadded % 64)) % 64 }, () => 0);
  const payloadStart = unpadded + pad.length;
  const after = parts.after ?? [];
  const bytes = new Uint8Array(payloadStart + payload.length + 10 + after.length);
  bytes.set(begin);
  bytes.set(header, begin.length);
  let at = begin.length + header.length;
  bytes.set([parts.padMarker ?? 0xc4, parts.padLength ?? pad.length, ...pad], at);
  at += 2 + pad.length;
  bytes.set([parts.payloadMarker ?? 0xc6, ...uint32(parts.payloadLength ?? payload.length)], at);
  bytes.set(payload, payloadStart);
  const end = payloadStart + payload.length;
  bytes.set(parts.checksumMarker ?? [0xc4, 8], end);
  bytes.set(uint32(crc32(bytes.subarray(0, payloadStart))), end + 2);
  bytes.set(uint32(crc32(bytes.subarray(0, end + 2))), end + 6);
  bytes.set(after, end + 10);
  return bytes;
}

/** An entry of the table of tensors, to be changed at will. */
export interface Entry {
  name: unknown;
  dtype: unknown;
  shape: unknown;
  offset: unknown;
  length: unknown;
  crc32: unknown;
}

/** A header with its tensors taken out, and their bytes. */
export interface NutSource {
  header: { [key: string]: unknown; tensors: Entry[] };
  payload: Uint8Array;
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** Takes plain data with typed arrays apart, as SPEC.md says a writer does. */
export function takeApart(model: object): NutSource {
  const tensors: Entry[] = [];
  const blocks: Uint8Array[] = [];
  let offset = 0;
  function extract(value: unknown, name: string): unknown {
    if (ArrayBuffer.isView(value)) {
      const array = value as Numbers;
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      const padded = new Uint8Array(Math.ceil(bytes.length / 16) * 16);
      padded.set(bytes);
      blocks.push(padded);
      tensors.push({
        name,
        dtype: array.constructor.name.replace('Array', '').toLowerCase(),
        shape: [array.length],
        offset,
        length: bytes.length,
        crc32: crc32(bytes),
      });
      offset += padded.length;
      return { $tensor: tensors.length - 1 };
    }
    if (Array.isArray(value)) return value.map((item, i) => extract(item, `${name}[${i}]`));
    if (value === null || typeof value !== 'object') return value;
    return nullMap(
      Object.keys(value)
        .map((key) => [key, (value as Record<string, unknown>)[key]] as const)
        .filter(([, item]) => item !== null && item !== undefined)
        .map(([key, item]) => [key, extract(item, `${name}.${key}`)] as const),
    );
  }
  const { provenance, input, root, golden, reference } = model as Record<string, unknown>;
  const header = nullMap([
    ['critical', []],
    ['provenance', extract(provenance, 'provenance')],
    ['input', extract(input, 'input')],
    ['root', extract(root, 'root')],
    ['golden', extract(golden, 'golden')],
    ...(reference === null ? [] : [['reference', extract(reference, 'reference')] as const]),
    ['tensors', tensors],
  ]) as NutSource['header'];
  const payload = new Uint8Array(offset);
  let at = 0;
  for (const block of blocks) {
    payload.set(block, at);
    at += block.length;
  }
  return { header, payload };
}

export function nullMap(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const map: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) map[key] = value;
  return map;
}

/** Corrects the checksums of the table's entries after the payload was changed. */
export function sealed({ header, payload }: NutSource): Uint8Array {
  const tensors = header.tensors.map((entry) => {
    const { offset, length } = entry as { offset: number; length: number };
    return { ...entry, crc32: crc32(payload.subarray(offset, offset + length)) };
  });
  return assemble({ header: { ...header, tensors }, payload });
}

const arrayTypes: Readonly<Record<string, new (buffer: ArrayBuffer) => Numbers>> = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** Puts copies of the tensors back in their places; undefined where a reference leads nowhere. */
export function putTogether({ header, payload }: NutSource): Record<string, unknown> {
  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve);
    if (value === null || typeof value !== 'object' || value instanceof Raw) return value;
    const map =
      value instanceof Pairs
        ? nullMap(value.pairs as [string, unknown][])
        : (value as Record<string, unknown>);
    if (Object.hasOwn(map, '$tensor')) {
      const listed: unknown = header.tensors[map.$tensor as number];
      const entry = (
        listed instanceof Pairs ? nullMap(listed.pairs as [string, unknown][]) : listed
      ) as Entry | undefined;
      const type = arrayTypes[entry?.dtype as string];
      if (entry === undefined || type === undefined) return undefined;
      const { offset, length } = entry as { offset: number; length: number };
      return new type(payload.slice(offset, offset + length).buffer);
    }
    return nullMap(Object.keys(map).map((key) => [key, resolve(map[key])]));
  }
  const { tensors: _, ...others } = header;
  return resolve(others) as Record<string, unknown>;
}
