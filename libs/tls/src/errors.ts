import { defineErrors } from '@millrace/core';

export const TLS_DOMAIN = 'tls.millrace';

/** What can be wrong with files of certificates, keys and passwords; each names the variable and the file, never what is in it. */
export const errors = defineErrors(TLS_DOMAIN, {
  FILE_UNREADABLE: { code: 'FAILED_PRECONDITION', message: '{variable} names {file}, which cannot be read: {why}.' },
  CERTIFICATE_UNREADABLE: { code: 'FAILED_PRECONDITION', message: '{variable}: {file} holds no certificate that can be read; give one or more in PEM form.' },
  CERTIFICATE_OUTDATED: { code: 'FAILED_PRECONDITION', message: '{variable}: the certificate in {file} is valid from {from} to {until} only; give one that is valid now, or mend the clock.' },
  KEY_UNREADABLE: { code: 'FAILED_PRECONDITION', message: '{variable}: {file} holds no private key that can be read; give one in PEM form without a passphrase.' },
  KEY_MISMATCH: { code: 'FAILED_PRECONDITION', message: '{keyVariable}: the key in {keyFile} does not belong to the certificate in {certFile} of {certVariable}; give two that were made together.' },
  SECRET_EMPTY: { code: 'FAILED_PRECONDITION', message: '{variable}: {file} is empty; write the password into it.' },
});
