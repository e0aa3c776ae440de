import { NuthatchError } from 'nuthatch';
import type { ByteSource, Held, ReadPart } from '../byte-reader.js';
import type { Piece } from '../job.js';
import { pieceBytes, pieceRows } from '../pieces.js';
import type { Reading } from '../read.js';
import { SpareMemory } from '../spare-memory.js';
import { usedColumns } from '../table.js';
import { readChecked, readCheckedAsync } from './flatbuffer.js';
import { readFooter } from './footer.js';
import { type BatchLayout, cutColumn, readLayout, rowsOfPart } from './layout.js';
import { type ArrowMessage, readMessages } from './messages.js';
import { type FileParts, Packer } from './pack.js';
import { type ArrowPlan, planArrow } from './plan.js';
import { readFields } from './schema.js';

/** Where batches stand in a piece. */
export interface ArrowLayout {
  /** What messages about it as a whole name. */
  readonly place: string;
  /** Parts of dictionaries, one column each, in their order. */
  readonly dictionaries: readonly { readonly id: number; readonly layout: BatchLayout }[];
  /** Rows; null in the first piece, which tells of columns before any row is there. */
  readonly batch: BatchLayout | null;
  /** Where the thread that takes the piece reads it; null where it comes with it. */
  readonly inFile: FileParts | null;
}

type ArrowPiece = Piece & { readonly skipped: number };

/** A piece is a batch, or a part of one, with the dictionaries that hold for it. */
export async function* arrowPieces(
  source: ByteSource,
  { model, kept, memory }: Reading,
  path: string,
): AsyncGenerator<ArrowPiece> {
  let plan: ArrowPlan | null = null;
  let known = new Known([], memory);
  const begin = (found: ArrowPlan): ArrowPiece => {
    plan = found;
    known = new Known(usedColumns(found), memory);
    const layout = { place: 'schema', dictionaries: [], batch: null, inFile: null };
    return { plan, bytes: Buffer.from(new ArrayBuffer(0)), layout, skipped: 0 };
  };
  const footer = async () => begin(planArrow(await readFooter(path), model, kept));
  for await (const message of readMessages(source)) {
    const { kind, version, table, place } = message;
    if (kind === 'schema') {
      if (plan) throw new NuthatchError('malformed', place, 'a second schema');
      yield begin(
        planArrow(
          readChecked(place, () => readFields(table, version)),
          model,
          kept,
        ),
      );
      continue;
    }
    if (plan === null) yield await footer();
    if (kind === 'dictionary') await readCheckedAsync(place, () => known.learn(message, plan!));
    else yield* known.cut(message, plan!);
  }
  if (plan === null) yield await footer();
}

/** A part of a dictionary, in memory. */
interface Part {
  readonly layout: BatchLayout;
  readonly bytes: Buffer;
}

/** Dictionaries may not be longer together. */
const mostBytes = 2 ** 28;

/** The dictionaries that hold for what comes next. */
class Known {
  readonly #used: ReadonlySet<number>;
  readonly #memory: SpareMemory;
  readonly #parts = new Map<number, readonly Part[]>();

  constructor(used: readonly number[], memory: SpareMemory) {
    this.#used = new Set(used);
    this.#memory = memory;
  }

  /** @throws RangeError, NuthatchError `limit-exceeded`, `unsupported` */
  async learn(message: ArrowMessage, { fields }: ArrowPlan): Promise<void> {
    const { table, start, end, body } = message;
    const id = table.long(0);
    const field = fields.find((one, i) => one.dictionary?.id === id && this.#used.has(i));
    if (!field?.dictionary) return;
    const batch = table.table(1);
    if (batch === null) throw new RangeError('a dictionary of nothing');
    const packer = new Packer();
    const found = readLayout(batch, end - start, [field.dictionary.values], () => true);
    const layout = packer.add(found, body);
    const before = table.byte(2) === 1 ? (this.#parts.get(id) ?? []) : [];
    // Not in memory of pieces, which may be much larger, and has to come back.
    this.#parts.set(id, [...before, { layout, bytes: await packer.pack(new SpareMemory()) }]);
    let length = 0;
    for (const parts of this.#parts.values()) for (const { bytes } of parts) length += bytes.length;
    if (length > mostBytes)
      throw new NuthatchError('limit-exceeded', '', `dictionaries of ${length} bytes`);
  }

  /** The pieces of a batch. */
  async *cut(message: ArrowMessage, plan: ArrowPlan): AsyncGenerator<ArrowPiece> {
    const { place, start, end, table, body } = message;
    const layout = readChecked(place, () =>
      readLayout(table, end - start, plan.fields, (column) => this.#used.has(column)),
    );
    const rows = rowsOfPart(layout, pieceRows, 2 * pieceBytes);
    if (rows === 0) yield await this.#piece(layout, plan, place, body);
    else
      for (let at = 0; at < layout.rows; at += rows) {
        const part = await readCheckedAsync(place, () =>
          cutRows(layout, at, Math.min(layout.rows, at + rows), body.read),
        );
        yield await this.#piece(part, plan, place, body);
      }
  }

  #piece(layout: BatchLayout, plan: ArrowPlan, place: string, body: Held): Promise<ArrowPiece> {
    return readCheckedAsync(place, async () => {
      const packer = new Packer();
      const dictionaries = [...this.#parts].flatMap(([id, parts]) =>
        parts.map((part) => ({
          id,
          layout: packer.add(part.layout, {
            read: async (target, at) => {
              part.bytes.copy(target, 0, at);
            },
            placeOf: () => null,
          }),
        })),
      );
      const batch = packer.add(layout, body);
      const inFile = packer.locate();
      const bytes = inFile ? Buffer.from(new ArrayBuffer(0)) : await packer.pack(this.#memory);
      return { plan, bytes, layout: { place, dictionaries, batch, inFile }, skipped: 0 };
    });
  }
}

/** Some rows of a batch. */
async function cutRows(
  { codec, columns }: BatchLayout,
  start: number,
  end: number,
  read: ReadPart,
): Promise<BatchLayout> {
  const offsetAt = async (place: number, bits: number): Promise<number> => {
    const offset = Buffer.alloc(bits / 8);
    await read(offset, place);
    return bits === 32 ? offset.readInt32LE() : Number(offset.readBigInt64LE());
  };
  const cut = columns.map((column) => column && cutColumn(column, start, end, offsetAt));
  return { rows: end - start, codec, columns: await Promise.all(cut) };
}
