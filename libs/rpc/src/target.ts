import { isIP } from 'node:net';
import type { ChannelOptions } from '@grpc/grpc-js';
import type { Definition } from './definition.js';
import { errors } from './errors.js';

const HOST_PORT = /^(?:\[([^\]]+)\]|([^:/[\]]+)):\d{1,5}$/;
/** How many instances a name is taken to lead to, where only the resolver knows. */
const BEHIND_A_NAME = 3;

/** Where a client's calls go. */
export interface Target {
  readonly target: string;
  readonly options: ChannelOptions;
  /** How many instances one call may be made to, where nothing can be done twice by it. */
  readonly attempts: number;
}

/**
 * One address, host:port, or several IP addresses divided by commas. Calls to several, or to a name, which may lead to several, go round.
 * ADDRESSES_INVALID for a list with anything else in it.
 */
export function targetOf(address: string): Target {
  const addresses = address.split(',').map((each) => each.trim());
  const [first = ''] = addresses;
  if (addresses.length === 1) {
    const several = isIP(hostOf(first)) === 0 && hostOf(first) !== 'localhost';
    return { target: first, options: several ? ROUND : {}, attempts: several ? BEHIND_A_NAME : 1 };
  }
  const kinds = new Set(addresses.map((each) => isIP(hostOf(each))));
  if (kinds.size !== 1 || kinds.has(0)) throw errors.ADDRESSES_INVALID({ addresses: address });
  return { target: `ipv${[...kinds].join('')}:${addresses.join(',')}`, options: ROUND, attempts: addresses.length };
}

/** The variable that says where a service is: MILLRACE_<SERVICE>_ADDRESS. */
export const addressVariable = ({ fullName }: Definition): string => `MILLRACE_${fullName.split('.')[1]?.toUpperCase()}_ADDRESS`;

const hostOf = (address: string): string => {
  const [, bracketed, host = bracketed ?? ''] = HOST_PORT.exec(address) ?? [];
  return host;
};

const ROUND: ChannelOptions = { 'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }], methodConfig: [] }) };
