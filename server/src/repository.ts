import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { NuthatchError } from 'nuthatch';
import { discover, type Found, findAll, type Models } from './discover.js';
import { HttpError } from './http-error.js';
import type { BatchingOptions, ModelOptions } from './model-options.js';
import {
  chooseVersions,
  createRandom,
  numberOf,
  type Policy,
  policyOf,
  type Routing,
  route,
  takerOf,
} from './policy.js';
import { markOf, type Proof } from './proof.js';
import { Prover } from './prover.js';
import { loadServed, type ServedModel } from './served-model.js';

/** What has become of a version. */
export interface Change {
  readonly outcome: 'loaded' | 'reloaded' | 'failed' | 'removed';
  readonly model: string;
  readonly version: string;
  /** The model that is there now. */
  readonly served?: ServedModel;
  /** The one that was there before. */
  readonly previous?: ServedModel;
  readonly error?: unknown;
}

/** The versions of a model. It never changes: a reload puts another in its place. */
interface Entry extends Routing<ServedModel> {
  /** In their order. */
  readonly versions: ReadonlyMap<string, ServedModel>;
  /** Why others are not there. */
  readonly failures: ReadonlyMap<string, string>;
}

/** The models that are served. A request keeps the one it was given, whatever is loaded meanwhile. */
export class Repository {
  /** A header, in small letters, whose value chooses among versions. */
  readonly keyHeader: string;
  readonly #options: ModelOptions;
  readonly #report: (change: Change) => void;
  readonly #random: () => number;
  readonly #prover = new Prover();
  readonly #entries = new Map<string, Entry>();
  /** Models that someone asked for: where they lie; null for those that lie in the folder by their names. */
  readonly #asked = new Map<string, string | null>();
  /** Models that someone wants no more. */
  readonly #unloaded = new Set<string>();
  /** What the files of each model looked like when they were last looked at, and when they were loaded. */
  #seen: ReadonlyMap<string, string> = new Map();
  readonly #applied = new Map<string, string>();
  #root = '';
  #only: string | null = null;
  #ready = false;
  #revision = 0;
  /** One change after another. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: ModelOptions = {}, report: (change: Change) => void = () => {}) {
    this.#options = options;
    this.#report = (change) => {
      void change.previous?.threads?.close();
      report(change);
    };
    this.keyHeader = (options.keyHeader ?? 'Nuthatch-Key').toLowerCase();
    this.#random = options.seed === undefined ? Math.random : createRandom(options.seed);
  }

  /** The path that is served. */
  get root(): string {
    return this.#root;
  }

  /** Whether all models are loaded, and the server is not about to end. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Grows when other models are served: what was made of those before is to be made anew. */
  get revision(): number {
    return this.#revision;
  }

  /** From here on no new work should come. */
  drain(): void {
    this.#ready = false;
  }

  /** Ends what is loading. */
  async close(): Promise<void> {
    await this.#work;
    const all = this.#all().map(({ threads }) => threads?.close());
    await Promise.all([this.#prover.close(), ...all]);
  }

  /**
   * Loads all models at a path, one after another; none where they are to be asked for. The first that fails ends it.
   *
   * @param only the name of a model that is alone there; null for that of its file or folder
   * @throws NuthatchError of `discover` and `loadServed`
   */
  load(path: string, only: string | null): Promise<void> {
    return this.#inTurn(async () => {
      this.#root = path;
      this.#only = only;
      const models = this.#isAsked ? await findAll(path, only) : await discover(path, only);
      if (!this.#isAsked)
        for (const [name, found] of models) {
          const error = await this.#update(name, found, this.#proveFirst);
          if (error instanceof HttpError)
            throw new NuthatchError('limit-exceeded', name, error.message);
          if (error !== null) throw error;
          if (!this.#entries.has(name))
            throw new NuthatchError('usage', name, 'there is none of the versions that are chosen');
        }
      this.#seen = new Map(this.#applied);
      this.#ready = true;
    });
  }

  /**
   * Looks at the files, and loads what has changed and looks as it did the last time: a file that is being written is left alone until it
   * rests. Models that are gone leave; a version that cannot be read leaves the others as they are.
   *
   * @throws NuthatchError of `findAll`: nothing has changed then
   */
  look(): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#seen;
      const seen = new Map<string, string>();
      for (const [name, found] of await this.#findAll()) {
        const signature = await this.#signature(name, found);
        seen.set(name, signature);
        if (signature === this.#applied.get(name) || signature !== before.get(name)) continue;
        await this.#update(name, found, this.#proveAside);
      }
      this.#seen = seen;
      // Of a folder that another is put in place of, nothing is there for a moment.
      if (seen.size === 0 && !this.#isAsked) return;
      for (const name of this.#entries.keys())
        if (!seen.has(name) && !before.has(name)) this.#remove(name);
    });
  }

  /**
   * Loads a model anew, as its files are now.
   *
   * @param place where it lies, in the folder that is served, of a model that is not loaded; null for where it lies by its name
   * @throws HttpError 400, 404, 409, 507; NuthatchError of `loadServed`
   */
  loadModel(name: string, place: string | null = null): Promise<void> {
    return this.#inTurn(async () => {
      if (place !== null && this.#entries.has(name))
        throw new HttpError(409, 'already-loaded', `${JSON.stringify(name)} is loaded`);
      const path = place === null ? (this.#asked.get(name) ?? null) : await this.#within(place);
      const models =
        path === null ? await findAll(this.#root, this.#only) : await findAll(path, name);
      const found = models.get(name);
      if (found === undefined) throw unknownModel(name);
      const error = await this.#update(name, found, this.#proveAside, true);
      if (error !== null) throw error;
      this.#unloaded.delete(name);
      if (path !== null || this.#isAsked) this.#asked.set(name, path);
    });
  }

  /** Lets a model go until it is asked for again. @throws HttpError 404 */
  unloadModel(name: string): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#entries.has(name)) throw unknownModel(name);
      this.#unloaded.add(name);
      this.#asked.delete(name);
      this.#remove(name);
    });
  }

  /** Models of which a version answers. */
  get names(): readonly string[] {
    return [...this.#entries].flatMap(([name, { primary }]) => (primary === null ? [] : [name]));
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  versionsOf(name: string): readonly ServedModel[] {
    return [...(this.#entries.get(name)?.versions.values() ?? [])];
  }

  /** Versions that should be there and are not, and why. */
  failuresOf(name: string): ReadonlyMap<string, string> {
    return this.#entries.get(name)?.failures ?? new Map();
  }

  /** How requests of a model are joined; null where each is answered by itself. */
  batchingOf(name: string): BatchingOptions | null {
    const { byName = {}, batching = null } = this.#options;
    return (Object.hasOwn(byName, name) ? byName[name]!.batching : null) ?? batching;
  }

  /** The version of the same model that shadows this one. */
  shadowOf({ name, version }: ServedModel): ServedModel | null {
    const shadow = this.#entries.get(name)?.shadow ?? null;
    return shadow?.version === version ? null : shadow;
  }

  /**
   * A model by name and version: the only one without a name; without a version the one that shares choose, else the newest.
   *
   * @param key what a client gives to get the same version each time
   * @throws HttpError 404; 503 where only a shadow is loaded
   */
  get(
    name: string | null = null,
    version: string | null = null,
    key: string | null = null,
  ): ServedModel {
    const own = name ?? this.#alone();
    const entry = this.#entries.get(own);
    if (entry === undefined) throw unknownModel(own);
    const found =
      version === null
        ? takerOf(entry, () => (key === null ? this.#random() : numberOf(own, key)))
        : entry.versions.get(version);
    if (found) return found;
    if (entry.primary === null)
      throw new HttpError(503, 'not-ready', `no version of ${JSON.stringify(own)} is loaded`);
    const there = [...entry.versions.keys()].join(', ');
    throw new HttpError(404, 'unknown-version', `there are the versions ${there}`);
  }

  #alone(): string {
    const [name, another] = this.#entries.keys();
    if (name === undefined) throw new HttpError(404, 'unknown-model', 'no model is loaded');
    if (another === undefined) return name;
    throw new HttpError(404, 'unknown-model', `name one of the models ${this.names.join(', ')}`);
  }

  get #isAsked(): boolean {
    return this.#options.load === 'asked';
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#work.then(change);
    this.#work = done.catch(() => {});
    return done;
  }

  readonly #proveAside = (path: string): Promise<Proof> => this.#prover.prove(path);
  readonly #proveFirst = (path: string): Promise<Proof> => this.#prover.proveFirst(path);

  /** The models that are wanted, of those that there are. */
  async #findAll(): Promise<Models> {
    const wanted = new Map<string, readonly Found[]>();
    const isWanted = (name: string): boolean =>
      this.#isAsked ? this.#asked.has(name) : !this.#unloaded.has(name);
    for (const [name, found] of await findAll(this.#root, this.#only))
      if (isWanted(name)) wanted.set(name, found);
    for (const [name, path] of this.#asked)
      if (path !== null) {
        const found = (await findAll(path, name).catch(() => null))?.get(name);
        if (found === undefined) wanted.delete(name);
        else wanted.set(name, found);
      }
    return wanted;
  }

  /** What tells a change of the versions that should be loaded. */
  async #signature(name: string, found: readonly Found[]): Promise<string> {
    const chosen = chooseFound(found, policyOf(name, this.#options));
    const marks = chosen.map(
      async ({ version, path }) => `${version} ${path} ${await markOf(path)}`,
    );
    return (await Promise.all(marks)).join('\n');
  }

  /**
   * Loads those versions that have changed, or all, and puts them in place of what was there. Returns the first error.
   */
  async #update(
    name: string,
    found: readonly Found[],
    prove: (path: string) => Promise<Proof>,
    anew = false,
  ): Promise<unknown> {
    const policy = policyOf(name, this.#options);
    this.#applied.set(name, await this.#signature(name, found));
    const chosen = chooseFound(found, policy);
    const versions = new Map(this.#entries.get(name)?.versions);
    const failures = new Map<string, string>();
    let first: unknown = null;
    for (const one of chosen) {
      const { version } = one;
      const previous = versions.get(version);
      try {
        const isSame = previous?.path === one.path && previous.mark === (await markOf(one.path));
        if (isSame && !anew) continue;
        const served = await loadServed(one, prove, this.#options.threads ?? 0);
        this.#checkMemory(served, versions);
        versions.set(version, served);
        const outcome = previous ? 'reloaded' : 'loaded';
        this.#report({ outcome, model: name, version, served, ...(previous && { previous }) });
      } catch (error) {
        first ??= error;
        failures.set(version, reasonOf(error));
        this.#report({ outcome: 'failed', model: name, version, error });
      }
    }
    // Until all that should be there are, the others stay.
    if (chosen.every(({ version }) => versions.has(version))) {
      const kept = new Set(chosen.map(({ version }) => version));
      for (const [version, previous] of versions) {
        if (kept.has(version)) continue;
        versions.delete(version);
        this.#report({ outcome: 'removed', model: name, version, previous });
      }
    }
    if (versions.size === 0) {
      this.#entries.delete(name);
      return first;
    }
    const sorted = [...versions.values()].sort((a, b) => Number(a.version) - Number(b.version));
    this.#entries.set(name, {
      ...route(sorted, policy),
      versions: new Map(sorted.map((served) => [served.version, served])),
      failures,
    });
    this.#revision++;
    return first;
  }

  #all(): readonly ServedModel[] {
    return [...this.#entries.values()].flatMap(({ versions }) => [...versions.values()]);
  }

  /** @param own the versions that the model is about to have */
  #checkMemory({ name, version, bytes }: ServedModel, own: ReadonlyMap<string, ServedModel>): void {
    const { memoryBytes = Number.POSITIVE_INFINITY } = this.#options;
    const others = this.#all().filter((one) => one.name !== name);
    const kept = [...own.values()].filter((one) => one.version !== version);
    const used = [...others, ...kept].reduce((sum, one) => sum + one.bytes, 0);
    if (used + bytes <= memoryBytes) return;
    const message = `the model takes ${bytes} bytes; of ${memoryBytes}, ${used} are taken`;
    throw new HttpError(507, 'insufficient-memory', message);
  }

  #remove(name: string): void {
    for (const [version, previous] of this.#entries.get(name)?.versions ?? [])
      this.#report({ outcome: 'removed', model: name, version, previous });
    this.#entries.delete(name);
    this.#revision++;
    this.#applied.delete(name);
  }

  /** A path that a client gave, if it leads to a place in the folder that is served. @throws HttpError 404 */
  async #within(place: string): Promise<string> {
    const root = await realpath(this.#root);
    const path = await realpath(resolve(root, place)).catch(() => null);
    if (path === root || path?.startsWith(root + sep)) return path;
    throw new HttpError(404, 'unknown-model', 'there is no such place in the folder of models');
  }
}

function chooseFound(found: readonly Found[], policy: Policy): readonly Found[] {
  const chosen = new Set(
    chooseVersions(
      found.map(({ version }) => version),
      policy,
    ),
  );
  return found.filter(({ version }) => chosen.has(version));
}

/** Why a model is not there, for clients: a place in the file system is not told. */
const reasonOf = (error: unknown): string =>
  error instanceof HttpError || error instanceof NuthatchError ? error.code : 'internal';

const unknownModel = (name: string): HttpError =>
  new HttpError(404, 'unknown-model', `there is no model ${JSON.stringify(name)}`);
