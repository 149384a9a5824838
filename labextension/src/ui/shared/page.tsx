import * as React from 'react';

import { Button } from './button';
import { useServices } from './services';

export interface PageProps {
  title: string;
  /** What went wrong; empty when nothing did. */
  problem: string;
  /** Back to the conversation. */
  onClose: () => void;
  children: React.ReactNode;
}

/** A page that stands in the place of the conversation. */
export function Page({ title, problem, onClose, children }: PageProps): JSX.Element {
  const { trans, Icon } = useServices();
  return (
    <section className="jp-Copilot jp-Copilot-models" aria-label={title}>
      <header className="jp-Copilot-header jp-Copilot-row">
        <h2 className="jp-Copilot-notebook">{title}</h2>
        <Button
          className="jp-Copilot-iconButton"
          label={trans.__('Back to the chat')}
          onClick={onClose}
        >
          <Icon name="close" />
        </Button>
      </header>
      <div className="jp-Copilot-modelsBody">
        {problem && (
          <p className="jp-Copilot-modelsSaid jp-mod-bad" role="alert">
            {problem}
          </p>
        )}
        {children}
      </div>
    </section>
  );
}

/** What the server answered last (null before it did), and why it last did not. */
export function useAnswer<T>(): {
  answer: T | null;
  problem: string;
  /** Resolves with whether it was answered; never rejects. */
  ask: (question: Promise<T>) => Promise<boolean>;
  forgetProblem: () => void;
} {
  const [answer, setAnswer] = React.useState<T | null>(null);
  const [problem, setProblem] = React.useState('');
  const ask = (question: Promise<T>) =>
    question.then(
      found => {
        setAnswer(found);
        setProblem('');
        return true;
      },
      (error: Error) => {
        setProblem(error.message);
        return false;
      }
    );
  return { answer, problem, ask, forgetProblem: () => setProblem('') };
}
