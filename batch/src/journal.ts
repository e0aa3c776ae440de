import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { ioError } from 'nuthatch/node';
import { checkIdentity, type Identity } from './identity.js';
import { identify, partialOf, syncFolder } from './output.js';

/** How far a job is. */
export interface State {
  /** The number of the file of the input, and its pieces that are done. */
  readonly source: number;
  readonly pieces: number;
  /** Rows and lines of that file that are done. */
  readonly before: { readonly rows: number; readonly lines: number };
  readonly total: {
    readonly rows: number;
    readonly written: number;
    readonly rejected: number;
    readonly unanswered: number;
  };
  /** What goes beside the answers of all files of the input; empty before the first piece. */
  readonly shape: string;
}

/** How far a job is with all that it has written on the disk. */
export interface Checkpoint extends State {
  readonly output: Written;
  /** null: rows are not rejected to a file. */
  readonly rejects: Written | null;
  /** What the output's format needs to know of pieces since the checkpoint before: see `Joiner`. */
  readonly notes: readonly unknown[];
  /** Whether that is all, and only names are missing. */
  readonly whole: boolean;
}

/** So many bytes of a file. */
export interface Written {
  readonly position: number;
  /** Which file that is: another run may have put another in its place. */
  readonly file: string | null;
}

const journalOf = (output: string): string => `${partialOf(output)}.journal`;

/**
 * What is on the disk of an unfinished output, line by line: whose it is, then one checkpoint after another. A line is written after what it
 * speaks of, and one that is cut does not count, so that a process may be killed, or a machine lose its power, at any moment.
 */
export class Journal {
  readonly #path: string;
  readonly #identity: () => Promise<Identity>;
  #file: FileHandle | null = null;
  #written = false;
  #notes: unknown[] = [];
  #underWay: Promise<void> | null = null;
  #failed: unknown = null;
  #next: number;

  /** One of an output that begins: `forget` what an earlier run left of it first. */
  constructor(output: string, identity: () => Promise<Identity>) {
    this.#path = journalOf(output);
    this.#identity = identity;
    this.#next = Date.now() + leastTime;
  }

  /** An output will be begun again: it must not be taken for what the journal of an earlier run speaks of. */
  static async forget(output: string): Promise<void> {
    const path = journalOf(output);
    try {
      await rm(path);
      await syncFolder(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw ioError('write', output, error);
    }
  }

  /**
   * Continues that of an earlier run, whose last checkpoint it gives with the notes of all; null where there is none that could be continued.
   *
   * @throws NuthatchError `usage` where that was another job
   */
  static async resume(
    output: string,
    rejects: string | null,
    identity: () => Promise<Identity>,
  ): Promise<{ journal: Journal; earlier: Checkpoint } | null> {
    const journal = new Journal(output, identity);
    const text = await readFile(journal.#path, 'utf8').catch(() => '');
    const { begun, earlier, length } = parseJournal(text);
    if (begun === null || earlier === null) return null;
    checkIdentity(begun, await identity(), output);
    if (!(await isThere(output, earlier.output, earlier.whole))) return null;
    if (rejects && earlier.rejects && !(await isThere(rejects, earlier.rejects, earlier.whole)))
      return null;
    journal.#file = await open(journal.#path, 'a');
    await journal.#file.truncate(length);
    journal.#written = true;
    return { journal, earlier };
  }

  /** Remembers what the output's format needs to know of a piece. */
  note(note: unknown): void {
    if (note !== undefined) this.#notes.push(note);
  }

  /** Whether enough time has gone by for a checkpoint. @throws what went wrong with the last one */
  get isDue(): boolean {
    if (this.#failed !== null) throw this.#failed;
    return this.#underWay === null && Date.now() >= this.#next;
  }

  /** Writes a checkpoint once what it speaks of is on the disk. The job may go on meanwhile; `settle` waits for it. */
  begin(checkpoint: Omit<Checkpoint, 'notes'>, sync: () => Promise<void>): void {
    const line: Checkpoint = { ...checkpoint, notes: this.#notes };
    this.#notes = [];
    const started = Date.now();
    const work = async (): Promise<void> => {
      await sync();
      if (this.#file === null) await this.#create();
      await this.#append(line);
      this.#written = true;
      const now = Date.now();
      this.#next = now + Math.max(leastTime, 9 * (now - started));
    };
    this.#underWay = work()
      .catch((error: unknown) => {
        this.#failed = error;
      })
      .finally(() => {
        this.#underWay = null;
      });
  }

  /** Waits for a checkpoint that is under way. @throws what went wrong with it */
  async settle(): Promise<void> {
    await this.#underWay;
    if (this.#failed !== null) throw this.#failed;
  }

  /** Whether there is a checkpoint that a later run could continue from. */
  get hasBegun(): boolean {
    return this.#written;
  }

  async close(): Promise<void> {
    await this.#underWay;
    await this.#file?.close().catch(() => undefined);
    this.#file = null;
  }

  /** The output has its name, or is given up. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
    await syncFolder(this.#path);
  }

  async #create(): Promise<void> {
    this.#file = await open(this.#path, 'wx');
    await this.#append(await this.#identity());
    await syncFolder(this.#path);
  }

  async #append(line: object): Promise<void> {
    try {
      await this.#file!.appendFile(`${JSON.stringify(line)}\n`);
      await this.#file!.datasync();
    } catch (error) {
      throw ioError('write', this.#path, error);
    }
  }
}

/** Milliseconds between two: what a run that is killed has to do again. Nine times as long as one takes, at least. */
const leastTime = 200;

/** Whether a file is still what an earlier run has written, or has its name already. */
async function isThere(
  path: string,
  { position, file }: Written,
  whole: boolean,
): Promise<boolean> {
  for (const name of whole ? [partialOf(path), path] : [partialOf(path)]) {
    const info = await stat(name).catch(() => null);
    if (info && identify(info) === file && info.size >= position) return true;
  }
  return false;
}

/** Its whole lines, up to the first that is none, and their length in bytes. */
function parseJournal(text: string): {
  readonly begun: Identity | null;
  readonly earlier: Checkpoint | null;
  readonly length: number;
} {
  let begun: Identity | null = null;
  let earlier: Checkpoint | null = null;
  let length = 0;
  const notes: unknown[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const value = parseLine(line);
    if (begun === null) {
      if (value === null || !('model' in value)) break;
      begun = value as unknown as Identity;
    } else {
      if (value === null || !isCheckpoint(value)) break;
      notes.push(...value.notes);
      earlier = value;
    }
    length += Buffer.byteLength(line) + 1;
  }
  return { begun, earlier: earlier && { ...earlier, notes }, length };
}

function parseLine(line: string): object | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function isCheckpoint(value: object): value is Checkpoint {
  const { source, pieces, before, total, output, rejects, notes } = value as Checkpoint;
  const { rows, written, rejected, unanswered } = total ?? {};
  const counts = [source, pieces, before?.rows, before?.lines, rows, written, rejected, unanswered];
  return (
    [...counts, output?.position, rejects?.position ?? 0].every(
      (count) => Number.isSafeInteger(count) && count! >= 0,
    ) && Array.isArray(notes)
  );
}
