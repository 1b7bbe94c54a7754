import { describe, expect, it } from 'vitest';
import { contractNames } from './contract-names.js';

describe('names of a drafted contract', () => {
  it('stay as they are where a contract takes them', () => expect(contractNames(['Airport Name', 'a.b-c_d', 'x'])).toEqual(['Airport Name', 'a.b-c_d', 'x']));

  it('lose what a contract refuses, and stay apart', () => {
    expect(contractNames(['Cost Total $', 'Cost Total', '€', '%', '2001', 'Höhe', ' a', 'cost total (all)'])).toEqual(['Cost Total 2', 'Cost Total', 'column', 'column 2', 'column 2001', 'Hohe', 'a', 'cost total all']);
  });

  it('are never longer than a contract takes', () => {
    const [one = '', two = ''] = contractNames([`${'n'.repeat(200)}`, `${'n'.repeat(300)}`]);
    expect([one.length, two.length, one === two]).toEqual([128, 122, false]);
  });
});
