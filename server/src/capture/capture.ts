import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NuthatchError } from 'nuthatch';
import type { CaptureOptions } from './options.js';

export type Outcome = 'written' | 'dropped' | 'failed';

/** A file that lines are added to. */
interface Growing {
  readonly path: string;
  readonly began: number;
  bytes: number;
}

interface Line {
  readonly place: string;
  readonly text: string;
  readonly bytes: number;
}

/**
 * Writes lines to files that are bounded in size, age and number, one after another and beside the requests: what comes faster than the
 * disk takes it is dropped, and counted.
 */
export class Capture {
  readonly #folder: string;
  readonly #limits: Required<
    Pick<CaptureOptions, 'fileBytes' | 'fileSeconds' | 'totalBytes' | 'queueBytes'>
  >;
  readonly #count: (outcome: Outcome, lines: number, error?: unknown) => void;
  readonly #growing = new Map<string, Growing>();
  /** All files, the oldest first, and what each holds. */
  readonly #files = new Map<string, number>();
  #total = 0;
  #queue: Line[] = [];
  #queued = 0;
  #writing: Promise<void> | null = null;

  private constructor(
    options: CaptureOptions,
    count: (outcome: Outcome, lines: number, error?: unknown) => void,
  ) {
    const { fileBytes = 2 ** 26, fileSeconds = 300, totalBytes = 2 ** 30 } = options;
    this.#folder = options.folder;
    this.#limits = {
      fileBytes: Math.min(fileBytes, totalBytes),
      fileSeconds,
      totalBytes,
      queueBytes: options.queueBytes ?? 2 ** 23,
    };
    this.#count = count;
  }

  /** Makes the folder ready, and counts what is there. @throws NuthatchError `io` */
  static async open(
    options: CaptureOptions,
    count: (outcome: Outcome, lines: number, error?: unknown) => void,
  ): Promise<Capture> {
    const capture = new Capture(options, count);
    try {
      await mkdir(options.folder, { recursive: true, mode: 0o700 });
      await capture.#findFiles();
    } catch (error) {
      throw new NuthatchError('io', 'capture.folder', (error as Error).message);
    }
    return capture;
  }

  /** Whether a line of as many bytes would be kept now. */
  hasRoom(bytes: number): boolean {
    return this.#queued + bytes <= this.#limits.queueBytes;
  }

  /** Keeps a line in the file of its model's version; it is written soon, or dropped. */
  add(endpoint: string, variant: string, text: string): void {
    const bytes = Buffer.byteLength(text);
    if (!this.hasRoom(bytes)) {
      this.#count('dropped', 1);
      return;
    }
    this.#queue.push({ place: join(nameOf(endpoint), nameOf(variant)), text, bytes });
    this.#queued += bytes;
    this.#writing ??= this.#write();
  }

  /** Waits until all is written. */
  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      const lines = this.#queue;
      this.#queue = [];
      for (const place of new Set(lines.map((line) => line.place))) {
        const own = lines.filter((line) => line.place === place);
        try {
          await this.#append(place, own);
          this.#count('written', own.length);
        } catch (error) {
          this.#growing.delete(place);
          this.#count('failed', own.length, error);
        }
        for (const { bytes } of own) this.#queued -= bytes;
      }
    }
    this.#writing = null;
  }

  async #append(place: string, lines: readonly Line[]): Promise<void> {
    let [text, bytes] = ['', 0];
    const flush = async () => {
      if (bytes === 0) return;
      const file = await this.#fileFor(place);
      await appendFile(file.path, text, { mode: 0o600 });
      file.bytes += bytes;
      this.#files.set(file.path, file.bytes);
      this.#total += bytes;
      [text, bytes] = ['', 0];
      await this.#forget(file.path);
    };
    for (const line of lines) {
      const began = this.#growing.get(place)?.bytes ?? 0;
      if (began + bytes + line.bytes > this.#limits.fileBytes) {
        await flush();
        this.#growing.delete(place);
      }
      text += line.text;
      bytes += line.bytes;
    }
    await flush();
  }

  /** The file that grows, or a new one where that is too old. */
  async #fileFor(place: string): Promise<Growing> {
    const now = new Date();
    const known = this.#growing.get(place);
    const time = now.toISOString();
    const hour = time.slice(0, 13).replace(/[-T]/g, '/');
    const isOld =
      known !== undefined && now.getTime() - known.began > this.#limits.fileSeconds * 1000;
    if (known !== undefined && !isOld && known.path.includes(join('/', hour, '/'))) return known;
    const folder = join(this.#folder, place, hour);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // In the order of their names they are in that of their times.
    const name = `${time.slice(14, 23).replace(/[:.]/g, '-')}-${randomUUID()}.jsonl`;
    const file = { path: join(folder, name), began: now.getTime(), bytes: 0 };
    this.#growing.set(place, file);
    return file;
  }

  /** Removes the oldest files, but not the one that grows, until the others are small enough. */
  async #forget(growing: string): Promise<void> {
    for (const [path, bytes] of this.#files) {
      if (this.#total <= this.#limits.totalBytes) return;
      if (path === growing) continue;
      await rm(path, { force: true });
      for (const [place, file] of this.#growing)
        if (file.path === path) this.#growing.delete(place);
      this.#files.delete(path);
      this.#total -= bytes;
    }
  }

  async #findFiles(): Promise<void> {
    const found = await readdir(this.#folder, { recursive: true });
    // Of different models, by the time that is behind their names.
    const own = found
      .map((path) => ({
        path,
        time: /(\d{4}\/\d\d\/\d\d\/\d\d\/[\d-]{9}).*\.jsonl$/.exec(path)?.[1],
      }))
      .filter(({ time }) => time !== undefined)
      .sort((a, b) => (a.time! < b.time! ? -1 : 1));
    for (const { path } of own) {
      const { size } = await stat(join(this.#folder, path));
      this.#files.set(join(this.#folder, path), size);
      this.#total += size;
    }
  }
}

/** A name that is a folder, and no way out of it. */
const nameOf = (name: string): string =>
  name
    .replace(/[^\w.-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 100) || '_';
