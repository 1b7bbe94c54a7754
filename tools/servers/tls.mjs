import { join } from 'node:path';

/** The option `tls` of a server is a folder with these files: who signed, what the server shows, and its key. Clients reach it as localhost. */
export const authorityOf = (folder) => join(folder, 'ca.pem');
export const certificateOf = (folder) => join(folder, 'server.pem');
export const keyOf = (folder) => join(folder, 'server.key');
