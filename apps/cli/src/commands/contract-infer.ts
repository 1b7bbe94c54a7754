import { InferContractResponse, IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import type { Session } from '../session.js';
import { contractYaml } from '../init/contract-yaml.js';
import { countsText } from './profile-text.js';
import { sourceName, sourceOption, type SourceOptions } from './source-options.js';

/** Drafts a contract from a source, to be put into a pipeline file and read by somebody. */
export async function inferContract(session: Session, path: string | undefined, options: SourceOptions): Promise<void> {
  const ingestion = await session.connect(IngestionServiceDefinition);
  const response = await session.slowly(`reading ${sourceName(path, options)}`, ingestion.inferContract({ source: sourceOption(session, path, options) }, session.call));
  const { contract, remarks, counts } = response;
  session.answer(
    () => InferContractResponse.toJSON(response),
    () => `# Drafted from ${sourceName(path, options).split('/').at(-1) ?? ''}${counts ? `: ${countsText(counts)}` : ''}.\n# It says what these rows are, not what they must be: read every line, and raise the severity of those that must hold.\n${contract ? contractYaml(contract, remarks) : ''}`,
  );
  if (contract?.eventTime === '') session.remark('A pipeline needs an event_time, and no column of this source holds times; add one to the source.');
}
