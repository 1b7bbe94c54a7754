import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { keepFresh } from './client/answers.js';
import { followAlerts } from './calls/live.js';
import { Shell } from './shell.js';
import { bringViews } from './views.js';
import { chosenTheme, showTheme } from './theme.js';
import './style/tokens.css';
import './style/base.css';
import './style/parts.css';
import './style/charts.css';
import './style/views.css';

showTheme(chosenTheme());
keepFresh();
followAlerts();
const page = document.getElementById('page');
if (page) createRoot(page).render(<StrictMode><Shell /></StrictMode>);
requestIdleCallback(() => void bringViews(), { timeout: 3_000 });
