export { TLS_DOMAIN } from './errors.js';
export { handshakeFault } from './handshake-fault.js';
export { LiveTls, type LiveTlsOptions, type TlsSource } from './live-tls.js';
export { type NamedFile, readSecret } from './named-file.js';
export { readTls, type TlsFiles, type TlsMaterial } from './pem.js';
