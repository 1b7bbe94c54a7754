import { IngestionServiceDefinition, InspectSourceResponse } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import type { Session } from '../session.js';
import { correlationsText, countsText, expectationsText, profileText } from './profile-text.js';
import { contractOption, sourceName, sourceOption, type SourceOptions } from './source-options.js';

/** Reads a source without writing and says what is in it. */
export async function inspect(session: Session, path: string | undefined, options: SourceOptions): Promise<void> {
  const request = { source: sourceOption(session, path, options), contract: contractOption(options) };
  const ingestion = await session.connect(IngestionServiceDefinition);
  const response = await session.slowly(`reading ${sourceName(path, options)}`, ingestion.inspectSource(request, session.call));
  session.answer(() => InspectSourceResponse.toJSON(response), () => {
    const { counts, profile, expectations, correlations } = response;
    const together = correlationsText(session, correlations);
    return [counts ? `${countsText(counts)}\n\n` : '', profileText(session, profile, counts?.kept ?? 0n), together === '' ? '' : `\n${together}`, expectations.length > 0 ? `\n${expectationsText(session, expectations)}` : '', session.styled('dim', `\nNothing was written. Next: millrace dataset ingest NAME ${path ?? '…'}\n`)].join('');
  });
}
