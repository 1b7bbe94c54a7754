/** One figure that pulls to one side or the other. */
export interface Pull {
  readonly name: string;
  readonly change: number;
}

/** Changes as bars on both sides of a middle, in their order. */
export function Tilt({ pulls, says, show }: { readonly pulls: readonly Pull[]; readonly says: string; readonly show: (change: number) => string }) {
  const most = Math.max(...pulls.map(({ change }) => Math.abs(change)), Number.MIN_VALUE);
  return (
    <div className="forest" role="img" aria-label={says}>
      {pulls.map(({ name, change }) => {
        const width = (Math.abs(change) / most) * 50;
        return (
          <div key={name} className="branch">
            <span>{name}</span>
            <svg width="100%" height="20" aria-hidden="true">
              <line className="whole" x1="50%" x2="50%" y1="0" y2="20" />
              <rect className="pull" data-up={change > 0 || undefined} x={`${change > 0 ? 50 : 50 - width}%`} width={`${width}%`} y="5" height="10" />
            </svg>
            <span className="value">{show(change)}</span>
          </div>
        );
      })}
      <p className="axis" aria-hidden="true">
        <span>← lower</span>
        <span>higher →</span>
      </p>
    </div>
  );
}
