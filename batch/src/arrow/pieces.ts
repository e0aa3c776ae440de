import { NuthatchError } from 'nuthatch';
import type { Cutter } from '../read.js';
import { readChecked } from './flatbuffer.js';
import { readFooter } from './footer.js';
import { type ArrowMessage, readMessages } from './messages.js';
import { type ArrowPlan, planArrow, usedColumns } from './plan.js';
import { readFields } from './schema.js';

/** Dictionaries may not be longer together. */
const mostBytes = 2 ** 28;

/** A piece is a batch behind the dictionaries that hold for it. The first one has no rows: it tells the columns before any row is there. */
export const arrowPieces: Cutter = async function* (chunks, { model, kept }, path) {
  let plan: ArrowPlan | null = null;
  const dictionaries = new Dictionaries();
  const begin = (found: ArrowPlan) => {
    plan = found;
    return { plan: found, bytes: Buffer.from(new ArrayBuffer(0)), skipped: 0 };
  };
  const footer = async () => begin(planArrow(await readFooter(path), model, kept));
  let count = 0;
  for await (const message of readMessages(chunks)) {
    const place = `message ${count++}`;
    const { kind, version, table } = message.head;
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
    const known: ArrowPlan = plan!;
    if (kind === 'dictionary') dictionaries.add(message, known, place);
    else yield { plan: known, bytes: dictionaries.before(message), skipped: 0, place };
  }
  if (plan === null) yield await footer();
};

/** The messages of dictionaries that hold for what comes next. */
class Dictionaries {
  readonly #messages = new Map<number, Buffer[]>();
  #length = 0;

  add({ head, bytes }: ArrowMessage, plan: ArrowPlan, place: string): void {
    const { id, isDelta } = readChecked(place, () => ({
      id: head.table.long(0),
      isDelta: head.table.byte(2) === 1,
    }));
    if (!usedColumns(plan).some((column) => plan.fields[column]!.dictionary?.id === id)) return;
    const before = this.#messages.get(id) ?? [];
    const kept = isDelta ? [...before, bytes] : [bytes];
    this.#messages.set(id, kept);
    this.#length += bytes.length;
    if (!isDelta) for (const old of before) this.#length -= old.length;
    if (this.#length > mostBytes)
      throw new NuthatchError('limit-exceeded', place, `dictionaries of ${this.#length} bytes`);
  }

  /** A message behind all of them, in memory of its own, which can be handed to another thread. */
  before({ bytes }: ArrowMessage): Buffer<ArrayBuffer> {
    if (this.#length === 0) return bytes;
    const joined = Buffer.from(new ArrayBuffer(this.#length + bytes.length));
    let at = 0;
    for (const messages of this.#messages.values())
      for (const message of messages) at += message.copy(joined, at);
    bytes.copy(joined, at);
    return joined;
  }
}
