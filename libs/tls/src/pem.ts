import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { errors } from './errors.js';
import { type NamedFile, readNamed } from './named-file.js';

/** What one side of a connection needs, by files: whom it trusts, and what it shows of itself. A certificate comes with its key. */
export interface TlsFiles {
  readonly ca?: NamedFile | undefined;
  readonly cert?: NamedFile | undefined;
  readonly key?: NamedFile | undefined;
}

/** The same, read and checked: PEM texts as `tls.connect` takes them. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Reads the files and checks that they fit: certificates can be read, the own one is valid now, and the key belongs to it. */
export async function readTls({ ca, cert, key }: TlsFiles, now = new Date()): Promise<TlsMaterial> {
  return {
    ...(ca === undefined ? {} : { ca: await readAuthorities(ca) }),
    ...(cert === undefined || key === undefined ? {} : await readIdentity(cert, key, now)),
  };
}

async function readAuthorities(named: NamedFile): Promise<string> {
  const text = await readNamed(named);
  const parts = text.match(CERTIFICATE) ?? [];
  if (parts.length === 0) throw errors.CERTIFICATE_UNREADABLE({ ...named });
  for (const part of parts) certificateIn(part, named);
  return text;
}

async function readIdentity(certFile: NamedFile, keyFile: NamedFile, now: Date): Promise<{ readonly cert: string; readonly key: string }> {
  const [cert, key] = await Promise.all([readNamed(certFile), readNamed(keyFile)]);
  const own = certificateIn(cert, certFile);
  const privateKey = keyIn(key, keyFile);
  if (!own.checkPrivateKey(privateKey)) throw errors.KEY_MISMATCH({ certVariable: certFile.variable, certFile: certFile.file, keyVariable: keyFile.variable, keyFile: keyFile.file });
  const [from, until] = [new Date(own.validFrom), new Date(own.validTo)];
  if (now < from || now > until) throw errors.CERTIFICATE_OUTDATED({ ...certFile, from: from.toISOString(), until: until.toISOString() });
  return { cert, key };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function certificateIn(text: string, named: NamedFile): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch {
    // The cause would quote what is in the file.
    throw errors.CERTIFICATE_UNREADABLE({ ...named });
  }
}

function keyIn(text: string, named: NamedFile): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw errors.KEY_UNREADABLE({ ...named });
  }
}
