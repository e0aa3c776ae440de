import { compressOutput } from './compress.js';
import { type Checkpoint, Journal, type State } from './journal.js';
import { type Output, openFile, openStdout } from './output.js';

/** Where rows and rejected rows go; null: to standard output, and nowhere. */
export interface Places {
  readonly output: string | null;
  readonly rejects: string | null;
}

/** The files of a job, and how far they are. */
export interface Outputs {
  readonly output: Output;
  readonly rejects: Output | null;
  /** A piece was written: what its format's joiner says of it, and how far the job is, which is remembered from time to time; null: not now. */
  wrote(note: unknown, state: (() => State) | null): void;
  /** Remembers how far the job is. */
  remember(state: State): Promise<void>;
  /** All has been written: files get their names. */
  finish(state: State): Promise<void>;
  /** Nothing more comes. Says whether a later run can continue what was written; what it cannot, or must not, is removed. */
  abandon(keep: boolean): Promise<boolean>;
}

const openCompressed = async (path: string, earlier: number | null): Promise<Output> =>
  compressOutput(await openFile(path, earlier), path);

/** Opens the files of a job; `journal` where they can be continued, `earlier` where they are. */
export async function openOutputs(
  places: Places,
  journal: Journal | null,
  earlier: Checkpoint | null,
): Promise<Outputs> {
  if (places.output !== null && earlier === null) await Journal.forget(places.output);
  const output =
    places.output === null
      ? openStdout()
      : await openCompressed(places.output, earlier?.output.position ?? null);
  let rejects: Output | null = null;
  if (places.rejects !== null) {
    try {
      rejects = await openCompressed(places.rejects, earlier?.rejects?.position ?? null);
    } catch (error) {
      await output.abandon(earlier !== null);
      throw error;
    }
  }
  const files = rejects ? [rejects, output] : [output];
  const kept = files.every(({ file }) => file !== null) ? journal : null;
  const sync = async (): Promise<void> => {
    await Promise.all(files.map((file) => file.sync()));
  };
  const written = ({ position, file }: Output) => ({ position, file });
  const begin = (state: State, whole: boolean): void =>
    kept?.begin(
      { ...state, output: written(output), rejects: rejects && written(rejects), whole },
      sync,
    );
  const remember = async (state: State, whole: boolean): Promise<void> => {
    await kept?.settle();
    begin(state, whole);
    await kept?.settle();
  };
  return {
    output,
    rejects,
    wrote(note, state) {
      kept?.note(note);
      if (state !== null && kept?.isDue) begin(state(), false);
    },
    remember: (state) => remember(state, false),
    async finish(state) {
      await kept?.settle();
      // From here on an end in between leaves names to be given, and nothing else to be done.
      if (kept?.hasBegun) await remember(state, true);
      else await sync();
      for (const file of files) await file.finish();
      await kept?.remove();
    },
    async abandon(keep) {
      const canContinue = keep && (kept?.hasBegun ?? false);
      await kept?.close();
      for (const file of files) await file.abandon(canContinue);
      if (!canContinue) await kept?.remove();
      return canContinue;
    },
  };
}
