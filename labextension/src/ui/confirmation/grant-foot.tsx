import * as React from 'react';

import type { Offer } from '../../view-model/permissions/rules';
import { Button } from '../shared/button';
import { useTrans } from '../shared/services';
import type { DecisionInHand } from './use-decision';

export interface GrantFootProps {
  offers: readonly Offer[];
  hand: DecisionInHand;
  sending: boolean;
}

/** The rules that can be granted along with an approval, each one click. */
export function GrantFoot({ offers, hand, sending }: GrantFootProps): JSX.Element {
  const trans = useTrans();
  return (
    <footer className="jp-Copilot-cardFoot jp-mod-grant">
      <p className="jp-Copilot-muted">{trans.__('Approve this, and from now on allow:')}</p>
      {offers.map(offer => (
        <Button
          key={offer.label}
          className="jp-Copilot-menuEntry"
          disabled={sending}
          onClick={() => hand.grant(offer.grant)}
        >
          <span className="jp-Copilot-grow">
            {offer.label}
            <span className="jp-Copilot-entryMeans">{offer.means}</span>
          </span>
        </Button>
      ))}
      <Button className="jp-Copilot-button jp-mod-plain" onClick={() => hand.setStage('choose')}>
        {trans.__('Back')}
      </Button>
    </footer>
  );
}
