import { type ChannelCredentials, credentials, experimental, ServerCredentials } from '@grpc/grpc-js';
import type { TlsMaterial, TlsSource } from '@millrace/tls';

/** Both sides ask for this at least, whatever Node was started with. */
const MIN_VERSION = 'TLSv1.2';

/** What a server shows of itself; where there is a CA, only clients whose certificate it has signed are let in. Without material it serves without TLS. */
export const serverCredentials = (tls: TlsSource | undefined): ServerCredentials => (tls ? new LiveServerCredentials(tls) : ServerCredentials.createInsecure());

/** Whom a client trusts and what it shows when it is asked. Host names are always verified. Without material it calls without TLS. */
export const clientCredentials = (tls: TlsSource | undefined): ChannelCredentials =>
  tls ? experimental.createCertificateProviderChannelCredentials(new LiveProvider(tls), tls.current.cert === undefined ? null : new LiveProvider(tls)) : credentials.createInsecure();

/**
 * Server credentials that follow their files. grpc-js has some of its own, FileWatcherCertificateProvider, which stop serving when a file is gone for a
 * moment and take a certificate without its key; and createCertificateProviderServerCredentials takes its arguments in another order than it declares.
 */
class LiveServerCredentials extends ServerCredentials {
  constructor(tls: TlsSource) {
    const mutual = tls.current.ca !== undefined;
    super({ requestCert: mutual, rejectUnauthorized: mutual, minVersion: MIN_VERSION }, contextOf(tls.current));
    tls.follow((material) => this.updateSecureContextOptions(contextOf(material)));
  }

  _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

const contextOf = ({ ca, cert, key }: TlsMaterial) => ({ minVersion: MIN_VERSION, ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) }) as const;

type Provider = Parameters<typeof experimental.createCertificateProviderChannelCredentials>[0];
type CaListener = Parameters<Provider['addCaCertificateListener']>[0];
type IdentityListener = Parameters<Provider['addIdentityCertificateListener']>[0];

/** Hands what the files hold to the channels of grpc-js. */
class LiveProvider implements Provider {
  readonly #followed = new Map<CaListener | IdentityListener, () => void>();

  constructor(private readonly tls: TlsSource) {}

  addCaCertificateListener(listener: CaListener): void {
    this.#follow(listener, ({ ca }) => listener({ caCertificate: Buffer.from(ca ?? '') }));
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#follow(listener, ({ cert = '', key = '' }) => listener({ certificate: Buffer.from(cert), privateKey: Buffer.from(key) }));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#forget(listener);
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#forget(listener);
  }

  #follow(listener: CaListener | IdentityListener, tell: (material: TlsMaterial) => void): void {
    this.#followed.set(listener, this.tls.follow(tell));
    tell(this.tls.current);
  }

  #forget(listener: CaListener | IdentityListener): void {
    this.#followed.get(listener)?.();
    this.#followed.delete(listener);
  }
}
