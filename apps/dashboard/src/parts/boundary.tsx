import { Component, type ReactNode } from 'react';

interface Parts {
  /** Where one is: another place begins anew. */
  readonly place: string;
  readonly children: ReactNode;
}

interface Broken {
  readonly place: string;
  readonly why: string | undefined;
}

/** Keeps the rest of the page when one view breaks, and says what broke. */
export class Boundary extends Component<Parts, Broken> {
  override state: Broken = { place: this.props.place, why: undefined };

  static getDerivedStateFromError(error: unknown): Partial<Broken> {
    return { why: error instanceof Error ? error.message : String(error) };
  }

  static getDerivedStateFromProps({ place }: Parts, state: Broken): Broken | null {
    return place === state.place ? null : { place, why: undefined };
  }

  override render(): ReactNode {
    const { why } = this.state;
    if (why === undefined) return this.props.children;
    return (
      <>
        <h1>This view broke</h1>
        <p className="failure" role="alert">
          <strong>It cannot be shown.</strong> {why}
        </p>
        <p>
          <button type="button" onClick={() => this.setState({ why: undefined })}>
            Try again
          </button>
        </p>
      </>
    );
  }
}
