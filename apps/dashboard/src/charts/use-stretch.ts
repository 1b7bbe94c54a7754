import { type PointerEvent, useState } from 'react';

/** A part of what is drawn, from 0 at its left to 1 at its right. */
export type Part = readonly [left: number, right: number];

/** What is shorter, in pixels, was no dragging. */
const LEAST = 5;

interface Drag {
  /** Where the pointer went down, and where it is, in pixels of the picture. */
  readonly from: number;
  readonly to: number;
}

/** Chooses a part of a picture by dragging across it; `left` and `right` are the edges of what is drawn, in pixels of a picture so wide. */
export function useStretch({ left, right, width }: { readonly left: number; readonly right: number; readonly width: number }, onChoose: (part: Part) => void) {
  const [drag, set] = useState<Drag>();
  const at = ({ clientX, currentTarget }: PointerEvent<SVGSVGElement>): number => {
    const box = currentTarget.getBoundingClientRect();
    return Math.min(right, Math.max(left, ((clientX - box.left) / box.width) * width));
  };
  const stretch = drag && Math.abs(drag.to - drag.from) >= LEAST ? ([Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)] as const) : undefined;
  const ways = {
    onPointerDown: (event: PointerEvent<SVGSVGElement>): void => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      set({ from: at(event), to: at(event) });
    },
    onPointerMove: (event: PointerEvent<SVGSVGElement>): void => {
      if (drag) set({ from: drag.from, to: at(event) });
    },
    onPointerUp: (): void => {
      set(undefined);
      if (stretch) onChoose([(stretch[0] - left) / (right - left), (stretch[1] - left) / (right - left)]);
    },
    onPointerCancel: (): void => set(undefined),
  };
  return { stretch, ways };
}
