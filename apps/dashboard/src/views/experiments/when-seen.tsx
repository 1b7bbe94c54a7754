import { type ReactNode, useEffect, useRef, useState } from 'react';

/** Holds a part of the view that is asked for and drawn only while it is on the screen, or nearly so. */
export function WhenSeen({ children }: { readonly children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [seen, see] = useState(false);
  const [height, keep] = useState(0);
  useEffect(() => {
    const watched = place.current;
    if (!watched) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        const now = entries.at(-1)?.isIntersecting ?? false;
        // What goes keeps its room, so that nothing jumps.
        if (!now) keep(watched.offsetHeight);
        see(now);
      },
      { rootMargin: '120px' },
    );
    observer.observe(watched);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place} style={{ minHeight: seen ? undefined : Math.max(height, ROOM) }}>
      {seen ? children : undefined}
    </div>
  );
}

/** Room that is held before anything is known, in pixels. */
const ROOM = 320;
