/** A page of presigned frame addresses, as the API gives it. */
export interface AddressPage {
  frames: { frame_idx: number; url: string }[];
  /** Seconds for which the addresses are good. */
  expires_in: number;
}

export type LoadPage = (start: number, count: number) => Promise<AddressPage>;

const PAGE = 200;
/** An address is not used in the last part of its life: the fetch itself takes time. */
const MARGIN_MS = 30_000;

interface Known {
  url: string;
  until: number;
}

/** Presigned addresses of a video's frames: asked for by page, asked for again when they expire. */
export class Addresses {
  private readonly known = new Map<number, Known>();
  private readonly pending = new Map<number, Promise<void>>();
  private readonly load: LoadPage;
  private readonly now: () => number;

  constructor(load: LoadPage, now: () => number = Date.now) {
    this.load = load;
    this.now = now;
  }

  async of(frame: number): Promise<string> {
    const known = this.known.get(frame);
    if (known && known.until > this.now()) return known.url;
    const page = Math.floor(frame / PAGE);
    let pending = this.pending.get(page);
    if (!pending) {
      pending = this.fetchPage(page).finally(() => this.pending.delete(page));
      this.pending.set(page, pending);
    }
    await pending;
    const found = this.known.get(frame);
    if (!found) throw new Error(`The server knows no frame ${frame}.`);
    return found.url;
  }

  /** Forget an address that the store refused. */
  drop(frame: number): void {
    this.known.delete(frame);
  }

  private async fetchPage(page: number): Promise<void> {
    const asked = this.now();
    const { frames, expires_in } = await this.load(page * PAGE, PAGE);
    const life = expires_in * 1000;
    const until = asked + Math.max(life - MARGIN_MS, life / 2);
    for (const { frame_idx, url } of frames) this.known.set(frame_idx, { url, until });
  }
}
