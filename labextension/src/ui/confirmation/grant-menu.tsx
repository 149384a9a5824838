import * as React from 'react';

import type { Decision } from '../../view-model/decision';
import type { Offer } from '../../view-model/rules';
import { Menu, MenuEntry } from '../shared/menu';
import { useTrans } from '../shared/services';

export interface GrantMenuProps {
  offers: readonly Offer[];
  disabled: boolean;
  onGrant: (grant: NonNullable<Decision['grant']>) => void;
}

/** Approves, and lets more of the kind go on without asking. */
export function GrantMenu({ offers, disabled, onGrant }: GrantMenuProps): JSX.Element | null {
  const trans = useTrans();
  if (offers.length === 0) {
    return null;
  }
  return (
    <Menu
      label={trans.__('Approve, and do not ask again for…')}
      value="▾"
      side="above"
      align="end"
      disabled={disabled}
    >
      {close =>
        offers.map(offer => (
          <MenuEntry
            key={offer.label}
            onPick={() => {
              onGrant(offer.grant);
              close();
            }}
          >
            <span className="jp-Copilot-grow">
              {offer.label}
              <span className="jp-Copilot-entryMeans">{offer.means}</span>
            </span>
          </MenuEntry>
        ))
      }
    </Menu>
  );
}
