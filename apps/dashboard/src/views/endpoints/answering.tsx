import type { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { State } from '../../parts/states.js';
import { Resource } from '../../router.js';

/** The version that an endpoint answers with. */
export const Answering = ({ modelVersion }: Endpoint) => (modelVersion === '' ? <State tone="idle" word="nothing to serve yet" /> : <Resource name={modelVersion} />);
