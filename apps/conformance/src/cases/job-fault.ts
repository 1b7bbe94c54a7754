import { ErrorInfo } from '@millrace/contracts/google/rpc/error_details';
import type { Status } from '@millrace/contracts/google/rpc/status';

/** Why a job failed; undefined when it did not. */
export function reasonOf(status: { readonly error?: Status | undefined } | undefined): string | undefined {
  const [detail] = status?.error?.details ?? [];
  return detail && ErrorInfo.decode(detail.value).reason;
}
