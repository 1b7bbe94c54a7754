/** The proxies of one Toxiproxy, driven by its HTTP API (https://github.com/Shopify/toxiproxy#http-api). */
export class Proxies {
  #url;

  constructor(url) {
    this.#url = url;
  }

  /** Makes a proxy that listens on a port and hands on to another. */
  async open(name, { listen, upstream }) {
    await this.#ask('POST', 'proxies', { name, listen: `127.0.0.1:${listen}`, upstream: `127.0.0.1:${upstream}`, enabled: true });
  }

  /** Takes a proxy away: the next story has services at other ports. */
  async remove(name) {
    await this.#ask('DELETE', `proxies/${name}`);
  }

  /** Harms what goes through: each toxic is [type, stream, attributes]. */
  async harm(name, toxics) {
    for (const [type, stream, attributes] of toxics) await this.#ask('POST', `proxies/${name}/toxics`, { name: `${type}-${stream}`, type, stream, toxicity: 1, attributes });
  }

  /** Ends the harm. Connections whose bytes were swallowed would go on with a hole, which no network does: they are cut. */
  async heal(name) {
    const toxics = await this.#ask('GET', `proxies/${name}/toxics`);
    for (const toxic of toxics) await this.#ask('DELETE', `proxies/${name}/toxics/${toxic.name}`);
    await this.cut(name);
  }

  /** Cuts every connection; new ones are taken at once. */
  async cut(name) {
    await this.#ask('POST', `proxies/${name}`, { enabled: false });
    await this.#ask('POST', `proxies/${name}`, { enabled: true });
  }

  async #ask(method, path, body) {
    const response = await fetch(`${this.#url}/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }), headers: { 'user-agent': 'millrace-chaos' } });
    const text = await response.text();
    if (!response.ok) throw new Error(`Toxiproxy answered ${method} ${path} with ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
