/** Keeps a stream of events for as long as somebody looks, and opens it anew when the tab is shown again; gives what ends that. A browser has six connections to a home in all its tabs, and hidden ones would hold them. */
export function whileShown(open: () => EventSource): () => void {
  let source: EventSource | undefined;
  const end = (): void => {
    source?.close();
    source = undefined;
  };
  const look = (): void => {
    if (document.visibilityState === 'hidden') end();
    else source ??= open();
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    end();
  };
}
