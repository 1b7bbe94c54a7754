/** What a failed handshake says, by the codes and texts of Node, OpenSSL and pg, and what it means for people. The first that fits is meant. */
const FAULTS: readonly (readonly [RegExp, string | ((text: string) => string)])[] = [
  [/CERT_HAS_EXPIRED|certificate has expired/i, 'its certificate has expired'],
  [/CERT_NOT_YET_VALID|certificate is not yet valid/i, 'its certificate is not valid yet'],
  [/ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames/i, (text) => `its certificate is for another host${namesIn(text)}`],
  [/ALERT_CERTIFICATE_REQUIRED|alert certificate required/i, 'it asks for a client certificate, and none was shown'],
  [/ALERT_CERTIFICATE_EXPIRED|alert certificate expired/i, 'it refuses the client certificate, which has expired'],
  [/ALERT_UNKNOWN_CA|ALERT_BAD_CERTIFICATE|ALERT_CERTIFICATE_UNKNOWN|ALERT_DECRYPT_ERROR|alert (?:unknown ca|bad certificate|certificate unknown)/i, 'it does not accept the client certificate'],
  [/ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|alert protocol version|unsupported protocol/i, 'it has no version of TLS in common with us, which is 1.2 or newer'],
  [/ALERT_HANDSHAKE_FAILURE|alert handshake failure/i, 'it refused the handshake; it may ask for a client certificate'],
  [/SELF_SIGNED_CERT|self.signed certificate|UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|unable to (?:verify the first certificate|get (?:local )?issuer certificate)|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|certificate signature failure|INVALID_CA/i, 'its certificate was signed by nobody who is trusted here'],
  [/WRONG_VERSION_NUMBER|wrong version number|PACKET_LENGTH_TOO_LONG|packet length too long|RECORD_LAYER_FAILURE|does not support SSL connections/i, 'it does not speak TLS'],
];

/** Why a TLS connection did not come about, in words that follow "the other side cannot be trusted:"; undefined when it failed for another reason. */
export function handshakeFault(error: unknown): string | undefined {
  const text = textOf(error);
  for (const [pattern, meaning] of FAULTS) if (pattern.test(text)) return typeof meaning === 'string' ? meaning : meaning(text);
  return undefined;
}

const DEPTH = 5;

/** Codes and messages of an error and of what lies behind it. */
function textOf(error: unknown, depth = 0): string {
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null || depth === DEPTH) return '';
  const { code, message, cause, errors } = error as { readonly code?: unknown; readonly message?: unknown; readonly cause?: unknown; readonly errors?: unknown };
  const inner = [cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])].map((each) => textOf(each, depth + 1));
  return [typeof code === 'string' ? code : '', typeof message === 'string' ? message : '', ...inner].join(' ');
}

/** `Host: a. is not in the cert's altnames: DNS:b` */
const namesIn = (text: string): string => {
  const found = /Host: (\S+?)\.? is not in the cert's altnames: ([^\n]*?)\.?\s*(?:Resolution note|$)/.exec(text) ?? /IP: (\S+) is not in the cert's list: ([^\n]*?)\.?\s*(?:Resolution note|$)/.exec(text);
  return found ? `: ${found[1]} is not among ${found[2]?.trim() || 'its names'}` : '';
};
