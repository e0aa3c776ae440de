import { timingSafeEqual } from 'node:crypto';
import { HttpError } from '../http-error.js';
import { digestOf, type Scope, type Token } from './tokens.js';

/** How a client says who it is, over HTTP or gRPC. */
export interface Credentials {
  /** `Bearer TOKEN` */
  readonly authorization?: string | undefined;
  readonly apiKey?: string | undefined;
}

/** Who may do what. */
export class Access {
  /** null where no tokens were asked for: all may predict and read metrics, and none may administrate. */
  #tokens: readonly Token[] | null;
  readonly #open: ReadonlySet<Scope>;

  /** @param open what needs no token even where there are some */
  constructor(tokens: readonly Token[] | null = null, open: readonly Scope[] = []) {
    this.#tokens = tokens;
    this.#open = new Set(open);
  }

  /** Lets other tokens in from now on, and none but them. */
  replace(tokens: readonly Token[]): void {
    this.#tokens = tokens;
  }

  /** Whether anything is asked of a client. */
  guards(scope: Scope): boolean {
    return !this.#open.has(scope) && (scope === 'admin' || this.#tokens !== null);
  }

  /** The token that a client has, of those that are known. */
  find({ authorization, apiKey }: Credentials): Token | null {
    const secret = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? apiKey;
    if (secret === undefined || this.#tokens === null) return null;
    const digest = digestOf(secret);
    let found: Token | null = null;
    // All are compared, so that the time does not say which was near.
    for (const token of this.#tokens) if (timingSafeEqual(token.digest, digest)) found = token;
    return found;
  }

  /**
   * Lets a client pass.
   *
   * @throws HttpError 401 without a known token, 403 where it is not for this
   */
  check(scope: Scope, credentials: Credentials): void {
    if (!this.guards(scope)) return;
    if (this.#tokens === null)
      throw new HttpError(403, 'forbidden', 'nothing can be administrated without a token file');
    const token = this.find(credentials);
    if (token === null)
      throw new HttpError(
        401,
        'unauthenticated',
        'expected a known token: Authorization: Bearer TOKEN, or X-API-Key: TOKEN',
      );
    if (!token.scopes.has(scope))
      throw new HttpError(403, 'forbidden', `the token is not for ${scope}`);
  }
}
