const KEY = 'millrace:theme';
/** As the system says, or as somebody has chosen. */
export type Theme = 'auto' | 'light' | 'dark';

/** The theme that was chosen last. */
export function chosenTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'auto';
}

/** Shows a theme, and keeps it for the next time. */
export function showTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  document.documentElement.dataset['theme'] = theme;
}
