import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { tellSmallStory } from './dashboard.fixture.js';
import { openStage } from './stage.fixture.js';

const stage = openStage(tellSmallStory);

/** Presses a button by the keyboard. */
const press = (page: Page, name: string | RegExp): Promise<void> => page.getByRole('button', { name, exact: true }).press('Enter');
/** The keyboard is on a button of that name. */
const isOn = (page: Page, name: string | RegExp): Promise<void> => expect.poll(() => page.locator('button:focus').evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label') ?? button.textContent))).toEqual([typeof name === 'string' ? name : expect.stringMatching(name)]);

it('has its keyboard back where it was when a question is left, by its button or by Escape', () =>
  stage.look('/endpoints/late', async (page) => {
    const name = 'Delete this endpoint';
    await press(page, name);
    await press(page, 'Leave it');
    await isOn(page, name);
    await press(page, name);
    await page.getByRole('dialog').press('Escape');
    await isOn(page, name);
  }));

it('leaves the keyboard on what takes the place of a button whose deed is done', () =>
  stage.look('/pipelines/late', async (page) => {
    await press(page, 'Pause its triggers');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause its triggers' }).press('Enter');
    await page.getByRole('button', { name: 'Resume its triggers' }).waitFor();
    await isOn(page, 'Resume its triggers');
    await press(page, 'Resume its triggers');
    await page.getByRole('button', { name: 'Pause its triggers' }).waitFor();
    await isOn(page, 'Pause its triggers');
  }));

it('leaves the keyboard at an alert that is acknowledged, muted and told of again', () =>
  stage.look('/monitoring', async (page) => {
    await press(page, /^Acknowledge: /);
    await page.getByRole('button', { name: /^Acknowledge: / }).waitFor({ state: 'detached' });
    await expect.poll(() => page.locator('.alerts :focus').count()).toBe(1);
    await press(page, /^Mute: /);
    await page.getByRole('dialog').getByRole('button', { name: 'Mute' }).press('Enter');
    await page.getByRole('button', { name: /^End the mute: / }).waitFor();
    await expect.poll(() => page.locator('.alerts :focus').count()).toBe(1);
    await press(page, /^End the mute: /);
    await page.getByRole('button', { name: /^Mute: / }).waitFor();
    await expect.poll(() => page.locator('.alerts :focus').count()).toBe(1);
  }));

it('leaves the keyboard on the button that asks for a prediction, so that it can ask again', () =>
  stage.look('/endpoints/late/try', async (page) => {
    await page.getByRole('textbox', { name: /^origin\b/ }).fill('ORD');
    await page.getByRole('textbox', { name: /^distance\b/ }).fill('2010');
    await press(page, 'Predict');
    await page.getByRole('link', { name: 'See the prediction' }).waitFor();
    await isOn(page, 'Predict');
  }));
