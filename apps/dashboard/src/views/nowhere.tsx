import { Link } from '../router.js';

/** For a place that the page does not have. */
export function Nowhere() {
  return (
    <>
      <h1>Nothing here</h1>
      <p className="lead">
        There is no view at <code>{location.pathname}</code>. <Link href="/">The overview</Link> leads to all that is there.
      </p>
    </>
  );
}
