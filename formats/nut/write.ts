import { pack } from 'msgpackr/pack';
import { NuthatchError, quote } from '../../src/errors.js';
import {
  arrayTypeOf,
  defaultLimits,
  type Limits,
  type ModelDescription,
  type TypedArray,
  validateModel,
} from '../../src/ir/index.js';
import { crc32 } from '../crc32.js';
import {
  checksumMarker,
  formatVersion,
  headerStart,
  magic,
  padMarker,
  payloadAlignment,
  payloadMarker,
  type TensorEntry,
  tensorAlignment,
  tensorKey,
  trailerBytes,
} from './layout.js';

/**
 * The `.nut` file of a model: the same model gives the same bytes.
 *
 * The model is validated first, so that nothing is written that could not be read.
 */
export function writeNut(model: ModelDescription, limits: Limits = defaultLimits): Uint8Array {
  const { root, input, provenance, golden, reference } = validateModel(model, limits);
  const tensors = new TensorWriter();
  const header = packHeader({
    critical: [],
    provenance: tensors.extract(provenance, 'provenance'),
    input: tensors.extract(input, 'input'),
    root: tensors.extract(root, 'root'),
    golden: tensors.extract(golden, 'golden'),
    ...(reference !== null && { reference: tensors.extract(reference, 'reference') }),
    tensors: tensors.entries,
  });
  const unpadded = headerStart + header.length + 2 + 5;
  const pad = (payloadAlignment - (unpadded % payloadAlignment)) % payloadAlignment;
  const payloadStart = unpadded + pad;
  const payloadEnd = payloadStart + tensors.length;
  const file = new Uint8Array(payloadEnd + trailerBytes);
  const view = new DataView(file.buffer);

  file.set(magic);
  file.set([formatVersion.major, formatVersion.minor], magic.length);
  file.set(header, headerStart);
  file.set([padMarker, pad], headerStart + header.length);
  file[payloadStart - 5] = payloadMarker;
  view.setUint32(payloadStart - 4, tensors.length);
  tensors.copyTo(file, payloadStart);
  file.set(checksumMarker, payloadEnd);
  const headCrc = crc32(file, 0, payloadStart);
  view.setUint32(payloadEnd + 2, headCrc);
  view.setUint32(payloadEnd + 6, crc32(file, payloadStart, payloadEnd + 2, headCrc));
  return file;
}

function packHeader(header: Record<string, unknown>): Uint8Array {
  // msgpackr's plain `pack` writes objects as maps with their keys in order; copied, since its buffer is reused.
  return Uint8Array.from(pack(header));
}

/** Takes the typed arrays out of plain data and lays them out one after another. */
class TensorWriter {
  readonly entries: TensorEntry[] = [];
  readonly #arrays: TypedArray[] = [];
  length = 0;

  /** A copy of `value` with typed arrays replaced by references; absent values (null) are left out of maps. */
  extract(value: unknown, name: string): unknown {
    const dtype = arrayTypeOf(value);
    if (dtype !== null) return { [tensorKey]: this.#add(value as TypedArray, dtype, name) };
    if (typeof value === 'string') return checkedText(value, name);
    if (Array.isArray(value)) return value.map((item, i) => this.extract(item, `${name}[${i}]`));
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
    const result = new Map<string, unknown>();
    for (const [key, item] of entries)
      result.set(checkedText(key, name), this.extract(item, `${name}.${key}`));
    return result;
  }

  copyTo(file: Uint8Array, start: number): void {
    this.#arrays.forEach((array, i) => {
      file.set(bytesOf(array), start + this.entries[i]!.offset);
    });
  }

  #add(array: TypedArray, dtype: TensorEntry['dtype'], name: string): number {
    const bytes = bytesOf(array);
    this.entries.push({
      name,
      dtype,
      shape: [array.length],
      offset: this.length,
      length: bytes.length,
      crc32: crc32(bytes, 0, bytes.length),
    });
    this.#arrays.push(array);
    this.length += Math.ceil(bytes.length / tensorAlignment) * tensorAlignment;
    if (this.length >= 2 ** 32)
      throw new NuthatchError('limit-exceeded', name, 'a file holds at most 4 GiB of tensors');
    return this.entries.length - 1;
  }
}

function bytesOf(array: TypedArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Half a surrogate pair has no UTF-8; packed, it would come back as another name. */
function checkedText(text: string, path: string): string {
  if (/\p{Surrogate}/u.test(text)) {
    throw new NuthatchError(
      'unsupported',
      path,
      `${quote(text)} holds half a surrogate pair, which has no UTF-8`,
    );
  }
  return text;
}
