import { ServerCredentials } from '@grpc/grpc-js';
import type { Tls } from '../security/tls.js';

/** The certificates of the HTTP server: gRPC's own way of giving them takes no version of TLS, and cannot renew them. */
export class TlsCredentials extends ServerCredentials {
  /** @param handshakeTimeout milliseconds in which a client has to agree on keys */
  constructor({ requestCert, rejectUnauthorized, ...context }: Tls, handshakeTimeout: number) {
    super({ requestCert, rejectUnauthorized, handshakeTimeout }, context);
  }

  renew({ requestCert: _, rejectUnauthorized: __, ...context }: Tls): void {
    this.updateSecureContextOptions(context);
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
