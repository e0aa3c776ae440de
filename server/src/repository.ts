import { discover, type Found } from './discover.js';
import { HttpError } from './http-error.js';
import { loadServed, type ServedModel } from './served-model.js';

/** The models that are served, each in the newest of its versions unless another is asked for. */
export class Repository {
  readonly #models = new Map<string, Map<string, ServedModel>>();
  #ready = false;

  /** Whether all models are loaded, and the server is not about to end. */
  get ready(): boolean {
    return this.#ready;
  }

  /** From here on no new work should come. */
  drain(): void {
    this.#ready = false;
  }

  /**
   * Loads all models at a path, one after another. The first that fails ends it.
   *
   * @throws NuthatchError of `discover` and `loadServed`
   */
  async load(path: string, only: string | null): Promise<void> {
    for (const { name, version, path: own } of await discover(path, only))
      this.add(await loadServed(name, version, own));
    this.#ready = true;
  }

  /** Lets a model in; requests that begin from now on are answered by it. */
  add(served: ServedModel): void {
    const versions = this.#models.get(served.name) ?? new Map<string, ServedModel>();
    versions.set(served.version, served);
    this.#models.set(served.name, versions);
  }

  get names(): readonly string[] {
    return [...this.#models.keys()];
  }

  versionsOf(name: string): readonly ServedModel[] {
    return [...(this.#models.get(name)?.values() ?? [])];
  }

  /**
   * A model by name and version: the only one without a name, the newest without a version.
   *
   * @throws HttpError 404
   */
  get(name: string | null = null, version: string | null = null): ServedModel {
    if (name === null && this.#models.size > 1)
      throw new HttpError(404, 'unknown-model', `name one of the models ${this.names.join(', ')}`);
    const versions = this.#models.get(name ?? this.names[0] ?? '');
    if (versions === undefined)
      throw new HttpError(404, 'unknown-model', `there is no model ${JSON.stringify(name)}`);
    const newest = [...versions.keys()].reduce((a, b) => (Number(b) > Number(a) ? b : a));
    const found = versions.get(version ?? newest);
    if (found === undefined) {
      const there = [...versions.keys()].join(', ');
      throw new HttpError(404, 'unknown-version', `there are the versions ${there}`);
    }
    return found;
  }
}

export type { Found };
