import { NuthatchError } from 'nuthatch';
import type { Context } from './context.js';
import { HttpError } from './http-error.js';

/**
 * Loads a model that someone asked for, who is told why it cannot be loaded: a file that is damaged is no failure of the server.
 *
 * @throws HttpError 400, 404, 409, 507
 */
export async function loadAsked(
  { repository }: Context,
  name: string,
  place: string | null = null,
): Promise<void> {
  try {
    await repository.loadModel(name, place);
  } catch (error) {
    if (!(error instanceof NuthatchError)) throw error;
    // Of a file that cannot be read, the message says where it is.
    const message = error.code === 'io' ? 'the model cannot be read' : error.message;
    throw new HttpError(400, error.code, message, name);
  }
}
