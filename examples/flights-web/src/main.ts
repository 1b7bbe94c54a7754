import { createClientOf, MillraceError } from '@millrace/client';
import { endpoints } from '@millrace/client/nouns';
import { type Answer, showAnswer, showFailure, showFlights } from './show.js';
import { FLIGHTS } from './flights.js';
import { predict } from './late-flights.js';

const ENDPOINT = 'endpoints/late-flights';
/** So many reasons are told. */
const REASONS = 5;

// Only what this page calls is loaded.
const client = createClientOf({ baseUrl: '' }, { endpoints });
const form = document.querySelector<HTMLFormElement>('#question');
const answer = document.querySelector<HTMLElement>('#answer');
if (!form || !answer) throw new Error('The page has no form, or no place for its answer.');

showFlights(FLIGHTS);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const given = new FormData(form);
  void ask(FLIGHTS[Number(given.get('flight'))], new Date(`${String(given.get('departure'))}Z`), answer);
});

/** Asks about one flight and shows what comes back; the delays at both airports are read online. */
async function ask(flight: (typeof FLIGHTS)[number] | undefined, date: Date, place: HTMLElement): Promise<void> {
  if (!flight) return;
  try {
    const { predictions: [prediction], modelVersion } = await predict(client, [{ ...flight, date }], { contributions: REASONS });
    if (prediction) showAnswer(place, { flight, prediction, modelVersion, tell } satisfies Answer);
  } catch (error) {
    showFailure(place, error instanceof MillraceError ? error.message : String(error));
  }
}

/** Says what really happened to a prediction: the model is measured by it, and trained on it later. */
async function tell(predictionId: string, late: boolean): Promise<void> {
  await client.endpoints.sendFeedback({ endpoint: ENDPOINT, labels: [{ predictionId, value: late ? 1 : 0 }] });
}
