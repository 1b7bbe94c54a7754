import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { BasicConstraintsExtension, cryptoProvider, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

const KEYS = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const EXTENSIONS_OF_A_LEAF = [new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]), new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)];

cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0]);

/** A certificate and its key as PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** Someone who signs certificates, made on the spot for one spec. */
export class Authority {
  #serial = 1;

  private constructor(
    private readonly name: string,
    private readonly keys: webcrypto.CryptoKeyPair,
    /** Its own certificate as PEM: whom those trust who trust it. */
    readonly pem: string,
  ) {}

  static async make(name: string): Promise<Authority> {
    const keys = await makeKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({ name: `CN=${name}`, keys: keys as never, signingAlgorithm: SIGNING, ...valid(365), extensions: [new BasicConstraintsExtension(true, 1, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)] });
    return new Authority(name, keys, lines(certificate.toString('pem')));
  }

  /** A certificate for these hosts; with a negative number of days it ended so long ago. */
  async issue(hosts: readonly string[], { days = 30 }: { readonly days?: number } = {}): Promise<Issued> {
    const keys = await makeKeys();
    const certificate = await X509CertificateGenerator.create({
      serialNumber: String(++this.#serial).padStart(4, '0'),
      subject: `CN=${hosts[0] ?? ''}`,
      issuer: `CN=${this.name}`,
      ...valid(days),
      publicKey: keys.publicKey as never,
      signingKey: this.keys.privateKey as never,
      signingAlgorithm: SIGNING,
      extensions: [...EXTENSIONS_OF_A_LEAF, new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })))],
    });
    return { cert: lines(certificate.toString('pem')), key: lines(PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')) };
  }
}

/** With the end of the last line, without which texts that are put together are no PEM. */
const lines = (pem: string): string => `${pem.trimEnd()}\n`;

const makeKeys = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);

const valid = (days: number) => (days < 0 ? { notBefore: new Date(Date.now() - 2 * DAY_MS + days * DAY_MS), notAfter: new Date(Date.now() + days * DAY_MS) } : { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + days * DAY_MS) });

/** Hosts that servers of specs are reached by. */
const HERE = ['localhost', '127.0.0.1'];

/** Writes a PEM pair as `<name>.pem` and `<name>.key`. */
export function writeIssued(folder: string, name: string, { cert, key }: Issued): { readonly cert: string; readonly key: string } {
  const files = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  chmodSync(files.key, 0o600);
  return files;
}

/**
 * Fills a folder with what servers and their clients need, and with what they must refuse: `ca`, `server` and `client` belong together; `expired`
 * and `elsewhere` are of the same authority; `stranger` is of another one, `stranger-ca`. Gives both authorities.
 */
export async function makeCertificates(folder: string): Promise<{ readonly authority: Authority; readonly stranger: Authority }> {
  mkdirSync(folder, { recursive: true });
  const [authority, stranger] = await Promise.all([Authority.make('Millrace specs'), Authority.make('A stranger')]);
  writeFileSync(join(folder, 'ca.pem'), authority.pem);
  writeFileSync(join(folder, 'stranger-ca.pem'), stranger.pem);
  writeIssued(folder, 'server', await authority.issue(HERE));
  writeIssued(folder, 'client', await authority.issue(['client.millrace']));
  writeIssued(folder, 'expired', await authority.issue(HERE, { days: -1 }));
  writeIssued(folder, 'elsewhere', await authority.issue(['elsewhere.millrace']));
  writeIssued(folder, 'stranger', await stranger.issue(HERE));
  return { authority, stranger };
}
