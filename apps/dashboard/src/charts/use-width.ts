import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

const LEAST = 280;
const MOST = 760;

/** How wide a picture may be drawn in its place, in pixels, so that what is written in it keeps its size. */
export function useWidth(): readonly [RefObject<HTMLDivElement | null>, number] {
  const place = useRef<HTMLDivElement>(null);
  const [width, set] = useState(MOST);
  useLayoutEffect(() => {
    const watched = place.current;
    if (!watched) return undefined;
    const measure = (): void => set(Math.round(Math.min(MOST, Math.max(LEAST, watched.clientWidth))));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(watched);
    return () => observer.disconnect();
  }, []);
  return [place, width];
}
