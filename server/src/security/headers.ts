import type { FastifyHelmetOptions } from '@fastify/helmet';

/** Of every answer: a constant, since it is sent with each of them. What programs read is data, whatever a browser would make of it. */
export function answerHeaders(overTls: boolean): Readonly<Record<string, string>> {
  return {
    'x-content-type-options': 'nosniff',
    ...(overTls && { 'strict-transport-security': `max-age=${year}` }),
  };
}

const year = 31_536_000;

/** Of what people look at in a browser: nothing of another host, nothing inline, and in no other page. */
export function pageHeaders(overTls: boolean): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: policy(),
    crossOriginEmbedderPolicy: true,
    strictTransportSecurity: overTls && { maxAge: year, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
  };
}

/** What a page may load, beside scripts and styles of this server. */
export const policy = (others: Readonly<Record<string, readonly string[]>> = {}) => ({
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'"],
    'connect-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
    ...others,
  },
});
