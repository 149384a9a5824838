import * as React from 'react';

import { ServicesContext } from './services';

interface BoundaryState {
  error: Error | null;
}

/** Keeps a part that cannot be drawn from taking the rest with it: it says so in its place. */
export class Boundary extends React.Component<{ children: React.ReactNode }, BoundaryState> {
  static override readonly contextType = ServicesContext;
  declare context: React.ContextType<typeof ServicesContext>;
  override readonly state: BoundaryState = { error: null };

  static getDerivedStateFromError(error: Error): BoundaryState {
    return { error };
  }

  override componentDidUpdate(before: { children: React.ReactNode }): void {
    if (this.state.error !== null && before.children !== this.props.children) {
      this.setState({ error: null }); // what is drawn now may be another
    }
  }

  override render(): React.ReactNode {
    const { error } = this.state;
    if (error === null) {
      return this.props.children;
    }
    const words = this.context?.trans.__('This could not be shown: %1', error.message);
    return (
      <div className="jp-Copilot-problem" role="alert">
        {words ?? error.message}
      </div>
    );
  }
}
